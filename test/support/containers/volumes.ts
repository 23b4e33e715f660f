/** What is mounted into a container of the image that runs by itself: a configuration, a log, a plugin, a token, and its state. */
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeObject } from "../kubernetes/kubelet.ts";
import { valid_token } from "../splunk.ts";
import { temporaryDirectory } from "../temporary.ts";
import type { Mount } from "./container.ts";

/** The user of the image. */
export const image_user = 10_001;

/** A configuration that follows one file, as a volume that belongs to the image's user. */
export function ownVolumes(url: string): { mounts: Mount[]; log: string } {
  const root = temporaryDirectory();
  const volume = (name: string, destination: string, read_only: boolean): Mount => {
    mkdirSync(join(root, name));
    return { source: join(root, name), destination, read_only };
  };
  const config = volume("config", "/etc/tallyman", true);
  const logs = volume("logs", "/logs", true);
  const state = volume("state", "/var/lib/tallyman", false);
  chownSync(state.source, image_user, image_user);
  chmodSync(state.source, 0o700);
  // A plugin and a credential, as Kubernetes mounts them.
  const plugins = { source: join(root, "plugins"), destination: "/plugins", read_only: true };
  writeObject(plugins.source, {
    "stamp.mjs": `export default {
  name: "stamp",
  create: () => (event) => {
    event.set("stamped", true);
    return event;
  },
};
`,
  });
  const credentials = "/run/credentials/tallyman";
  const secret = { source: join(root, "secret"), destination: credentials, read_only: true };
  writeObject(secret.source, { splunk_token: valid_token });
  writeFileSync(
    join(config.source, "config.yaml"),
    `inputs: { app: { paths: ["/logs/*.log"] } }
plugins_dir: /plugins
chain: [{ stamp: {} }, { redact: { fields: ["**.password"] } }]
lifecycle: { enabled: false }
output: { url: "${url}", token: "\${credential:splunk_token}" }
`,
  );
  return { mounts: [config, logs, state, plugins, secret], log: join(logs.source, "app.log") };
}
