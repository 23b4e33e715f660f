/** The manifests in examples/kubernetes, read as kubectl reads them. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { IDaemonSet } from "kubernetes-models/apps/v1/DaemonSet";
import type { IConfigMap } from "kubernetes-models/v1/ConfigMap";
import type { INamespace } from "kubernetes-models/v1/Namespace";
import type { IServiceAccount } from "kubernetes-models/v1/ServiceAccount";
import { parseAllDocuments } from "yaml";
import { repository } from "../documents/blocks.ts";

export type Manifest = IDaemonSet | IConfigMap | INamespace | IServiceAccount;

export const manifest_files = globSync("examples/kubernetes/*.yaml", { cwd: repository }).sort();

export function manifestsIn(file: string): Manifest[] {
  const text = readFileSync(join(repository, file), "utf8");
  // Kubernetes reads YAML 1.1, in which 0400 is octal.
  return parseAllDocuments(text, { version: "1.1" }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS() as Manifest;
  });
}

export const all_manifests = manifest_files.flatMap(manifestsIn);

/** The DaemonSet of a file, and the configuration of tallyman's that it has. */
export function daemonSetOf(file: string): { daemon_set: IDaemonSet; config: string } {
  const manifests = manifestsIn(file);
  const daemon_set = manifests.find((each) => each.kind === "DaemonSet")!;
  const map = manifests.find((each) => each.kind === "ConfigMap")!;
  return { daemon_set, config: map.data!["config.yaml"]! };
}
