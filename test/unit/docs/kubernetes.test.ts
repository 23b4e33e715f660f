/**
 * The manifests in examples/kubernetes: valid by Kubernetes' published schema, without a name that it does not know, with no
 * more rights than tallyman needs, and in step with the image, the package and each other.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DaemonSet } from "kubernetes-models/apps/v1/DaemonSet";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Namespace } from "kubernetes-models/v1/Namespace";
import { ServiceAccount } from "kubernetes-models/v1/ServiceAccount";
import { describe, expect, test } from "vitest";
import { repository } from "../../support/documents/blocks.ts";
import { longTest } from "../../support/effort.ts";
import {
  all_manifests,
  daemonSetOf,
  manifest_files,
  type Manifest,
} from "../../support/kubernetes/manifests.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const models: Record<string, new (data: never) => { validate: () => void }> = {
  ConfigMap,
  DaemonSet,
  Namespace,
  ServiceAccount,
};

function validate(manifest: Manifest): void {
  new models[manifest.kind]!(manifest as never).validate();
}

const compiler = resolve("node_modules/typescript/bin/tsc");

/** What the compiler says of the manifests as values of the published types: a name that these do not have is a mistake. */
function typeMistakes(manifests: readonly Manifest[]): string {
  const folder = temporaryDirectory();
  const values = manifests.map(
    (each, number) => `export const m${number}: I${each.kind} = ${JSON.stringify(each)};\n`,
  );
  const imports = [
    ["apps/v1", "DaemonSet"],
    ...["ConfigMap", "Namespace", "ServiceAccount"].map((kind) => ["v1", kind]),
  ].map(([path, kind]) => `import type { I${kind} } from "kubernetes-models/${path}/${kind}";\n`);
  writeFileSync(join(folder, "manifests.ts"), [...imports, ...values].join(""));
  const settings = {
    compilerOptions: {
      module: "nodenext",
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
      paths: {
        "kubernetes-models/*": [resolve("node_modules/kubernetes-models/*.d.ts")],
        "@kubernetes-models/*": [resolve("node_modules/@kubernetes-models/*")],
      },
    },
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
  const ran = spawnSync(process.execPath, [compiler, "--pretty", "false"], {
    cwd: folder,
    encoding: "utf8",
  });
  return ran.stdout + ran.stderr;
}

/** A copy in which the first place of a name has another. */
function renamed(manifest: Manifest, from: string, to: string): Manifest {
  const text = JSON.stringify(manifest);
  expect(text).toContain(`"${from}":`);
  return JSON.parse(text.replace(`"${from}":`, `"${to}":`)) as Manifest;
}

describe("kubernetes", () => {
  test("kubernetes - the manifests are valid by the published schema", () => {
    expect(all_manifests.map(({ kind }) => kind).sort()).toEqual([
      "ConfigMap",
      "ConfigMap",
      "DaemonSet",
      "DaemonSet",
      "Namespace",
      "ServiceAccount",
    ]);
    for (const manifest of all_manifests) validate(manifest);
    const daemon_set = all_manifests.find((each) => each.kind === "DaemonSet")!;
    for (const name of ["selector", "containers", "mountPath"]) {
      expect(() => validate(renamed(daemon_set, name, "other")), name).toThrow();
    }
    const text = JSON.stringify(daemon_set).replace('"periodSeconds":5', '"periodSeconds":"5s"');
    expect(() => validate(JSON.parse(text) as Manifest)).toThrow(/periodSeconds/);
  });

  longTest("kubernetes - they have no name that Kubernetes does not know", () => {
    const daemon_set = all_manifests.find((each) => each.kind === "DaemonSet")!;
    const wrong = ["readOnlyRootFilesystem", "terminationGracePeriodSeconds", "maxUnavailable"].map(
      (name) => renamed(daemon_set, name, `${name}x`),
    );
    const mistakes = typeMistakes([...all_manifests, ...wrong])
      .trimEnd()
      .split("\n");
    expect(mistakes).toEqual([
      expect.stringContaining(`'"readOnlyRootFilesystemx"' does not exist`),
      expect.stringContaining(`'"terminationGracePeriodSecondsx"' does not exist`),
      expect.stringContaining(`'"maxUnavailablex"' does not exist`),
    ]);
  });

  test("kubernetes - they ask the API server for nothing, and nothing of theirs has a token", () => {
    const text = manifest_files.map((file) => readFileSync(join(repository, file), "utf8")).join();
    expect(text).not.toMatch(/\bkind: (?:Cluster)?Role/);
    const account = all_manifests.find((each) => each.kind === "ServiceAccount")!;
    expect(account).toMatchObject({ automountServiceAccountToken: false });
  });
});

const with_daemon_set = manifest_files.filter((file) => !file.endsWith("namespace.yaml"));

describe.each(with_daemon_set)("%s", (file) => {
  const { daemon_set, config } = daemonSetOf(file);
  const { selector, template, updateStrategy } = daemon_set.spec!;
  const pod = template.spec!;
  const [container] = pod.containers;

  test("kubernetes - the pod has the rights to read, and no others", () => {
    expect(pod).toMatchObject({
      serviceAccountName: "tallyman",
      automountServiceAccountToken: false,
      securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    });
    for (const key of ["hostNetwork", "hostPID", "hostIPC"]) expect(pod).not.toHaveProperty(key);
    expect(container!.securityContext).toEqual({
      runAsUser: 0,
      runAsGroup: 0,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"], add: ["DAC_READ_SEARCH"] },
    });
    const writable = container!.volumeMounts!.filter(({ readOnly }) => readOnly !== true);
    expect(writable.map(({ mountPath }) => mountPath)).toEqual(["/var/lib/tallyman"]);
    const secret = pod.volumes!.find((each) => each.secret !== undefined)!.secret!;
    expect(secret.defaultMode).toBe(0o400);
  });

  test("kubernetes - the names in it fit together, and with the image", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(container!.image).toBe(`registry.example.com/tallyman:${version}`);
    expect(template.metadata!.labels).toEqual(selector.matchLabels);
    const names = container!.volumeMounts!.map(({ name }) => name);
    expect(pod.volumes!.map(({ name }) => name).sort()).toEqual(names.sort());
    const map = pod.volumes!.find((each) => each.configMap !== undefined)!.configMap!.name;
    expect(all_manifests.filter((each) => each.kind === "ConfigMap")).toContainEqual(
      expect.objectContaining({ metadata: { name: map, namespace: "tallyman" } }),
    );
    for (const probe of [container!.startupProbe, container!.livenessProbe]) {
      expect(probe!.exec!.command![0]).toBe("tallyman-probe");
    }
    const logs = pod.volumes!.find(({ name }) => name === "logs")!.hostPath!;
    const mounted = container!.volumeMounts!.find(({ name }) => name === "logs")!.mountPath;
    expect(mounted).toBe(logs.path);
    expect(config).toContain(`paths: ["${mounted}/`);
  });

  test("kubernetes - a pod ends before the next one of its node starts, and has the time to", () => {
    expect(updateStrategy!.rollingUpdate!.maxSurge).toBe(0);
    // The default of shutdown_timeout is 30 s.
    expect(config).not.toContain("shutdown_timeout");
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(30);
  });
});
