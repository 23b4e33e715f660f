/** A node of a cluster: its logs, and the pods that a DaemonSet of examples/kubernetes has there, one after the other. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { valid_token } from "../splunk.ts";
import { temporaryDirectory } from "../temporary.ts";
import { podOf, type Pod } from "./kubelet.ts";
import { daemonSetOf } from "./manifests.ts";

export interface TestNode {
  /** The next pod. */
  pod: () => Pod;
  /** The log that is followed; only root may read it. */
  log: string;
}

/** The node for the DaemonSet that is of the recipe. `bundle` is the unpacked image. */
export function nodeFor(recipe: string, url: string, bundle: string): TestNode {
  const root = temporaryDirectory();
  const is_audit = recipe === "kubernetes";
  const file = `examples/kubernetes/${is_audit ? "audit" : "pods"}.yaml`;
  const { daemon_set, config } = daemonSetOf(file);
  const path = is_audit
    ? "var/log/kubernetes/audit/audit.log"
    : "var/log/pods/shop_web-6f7d-x2_0b1c-4f/app/0.log";
  const own = "var/log/pods/tallyman_tallyman-pods-x2_0b1c-4f/tallyman/0.log";
  for (const each of [path, own]) {
    mkdirSync(join(root, dirname(each)), { recursive: true, mode: 0o700 });
    writeFileSync(join(root, each), "", { mode: 0o600 });
  }
  writeFileSync(join(root, own), '2026-11-28T20:00:00.1Z stderr F {"msg":"own output"}\n');
  const { name } = daemon_set.metadata!;
  let round = 0;
  const pod = (): Pod => {
    const node = {
      root,
      name: "node-7",
      volumes: join(root, `volumes-${round++}`),
      objects: {
        [name!]: { "config.yaml": config.replace("https://splunk.example.com:8088", url) },
        "tallyman-splunk": { splunk_token: valid_token },
      },
    };
    return podOf(daemon_set, node, bundle);
  };
  return { pod, log: join(root, path) };
}
