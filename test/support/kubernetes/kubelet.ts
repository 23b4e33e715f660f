/** Runs the pod of a manifest as the kubelet does, as far as tallyman sees it: volumes, identity, environment, rights. */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { IDaemonSet } from "kubernetes-models/apps/v1/DaemonSet";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IVolume } from "kubernetes-models/v1/Volume";
import { Container, type Mount } from "../containers/container.ts";

export interface Node {
  /** Stands for the node's root directory. */
  readonly root: string;
  readonly name: string;
  /** Where the volumes of a pod are made. */
  readonly volumes: string;
  /** What is in ConfigMaps and Secrets, by their names. */
  readonly objects: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Pod {
  readonly container: Container;
  /** The commands of its probes. */
  readonly probes: { readonly startup: string[]; readonly liveness: string[] };
}

/** The one container of the pod, ready to be started. */
export function podOf({ spec }: IDaemonSet, node: Node, bundle: string): Pod {
  const { containers, volumes } = spec!.template.spec!;
  const [own, ...others] = containers;
  if (own === undefined || others.length > 0) throw new Error("expected one container");
  const rights = own.securityContext!;
  if (rights.readOnlyRootFilesystem !== true || rights.allowPrivilegeEscalation !== false) {
    throw new Error("expected what Container does: a read-only root, and no new privileges");
  }
  const container = Container.of({
    bundle,
    args: own.args ?? [],
    user: rights.runAsUser!,
    capabilities: (rights.capabilities?.add ?? []).map((name) => `CAP_${name}`),
    environment: environmentOf(own, node),
    mounts: (own.volumeMounts ?? []).map(({ name, mountPath, readOnly }): Mount => {
      const volume = volumes!.find((each) => each.name === name)!;
      const source = placeOf(volume, node);
      return { source, destination: mountPath, read_only: readOnly ?? false };
    }),
  });
  const startup = own.startupProbe!.exec!.command!;
  return { container, probes: { startup, liveness: own.livenessProbe!.exec!.command! } };
}

function environmentOf({ env }: IContainer, { name: node_name }: Node): Record<string, string> {
  const values = (env ?? []).map(({ name, value, valueFrom }) => {
    if (value !== undefined) return [name, value];
    if (valueFrom?.fieldRef?.fieldPath === "spec.nodeName") return [name, node_name];
    throw new Error(`${name} is of a kind that is not known here`);
  });
  return Object.fromEntries(values) as Record<string, string>;
}

function placeOf({ name, configMap, secret, hostPath }: IVolume, node: Node): string {
  if (hostPath !== undefined) {
    const path = join(node.root, hostPath.path);
    if (hostPath.type === "DirectoryOrCreate") mkdirSync(path, { recursive: true, mode: 0o755 });
    return path;
  }
  const object = configMap?.name ?? secret!.secretName!;
  const mode = configMap?.defaultMode ?? secret?.defaultMode ?? 0o644;
  return writeObject(join(node.volumes, name), node.objects[object]!, mode);
}

/** As the kubelet writes them: everybody may write, and names are links through one link that is replaced by an update. */
export function writeObject(
  folder: string,
  files: Readonly<Record<string, string>>,
  mode = 0o644,
): string {
  mkdirSync(join(folder, "..2026_11_29"), { recursive: true });
  for (const each of [folder, join(folder, "..2026_11_29")]) chmodSync(each, 0o777);
  symlinkSync("..2026_11_29", join(folder, "..data"));
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, "..2026_11_29", name);
    writeFileSync(file, text);
    chmodSync(file, mode);
    symlinkSync(`..data/${name}`, join(folder, name));
  }
  return folder;
}
