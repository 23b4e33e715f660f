/**
 * The container image that `npm run image` builds: what is in it, that it can be built again, and that it runs: by itself, and
 * as the pods of examples/kubernetes. The package for arm64 runs on an emulated processor.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { writeConfig } from "../../support/agent-config.ts";
import { auditRecords } from "../../support/events/audit-records.ts";
import { isInstalled } from "../../support/commands.ts";
import { can_contain, Container, whyNotRun } from "../../support/containers/container.ts";
import { image_user, ownVolumes } from "../../support/containers/volumes.ts";
import { Daemon } from "../../support/daemon.ts";
import { expectNoSecret } from "../../support/documents/handing-over.ts";
import { is_long, long } from "../../support/effort.ts";
import { nodeFor } from "../../support/kubernetes/node.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
/** Runs programs for arm64 on this processor. */
const emulator = "qemu-aarch64-static";
let built = "";

const bundle = (architecture: string): string => join(built, `bundle-${architecture}`);
const rootfs = (architecture: string): string => join(bundle(architecture), "rootfs");
const archive = (folder: string, architecture: string): string =>
  join(folder, `tallyman-${version}-${architecture}.oci.tar`);

function buildImages(into: string, ...only: string[]): void {
  const options = ["--from", built, "--into", into, "--debian", join(built, "debian"), ...only];
  execFileSync(process.execPath, ["scripts/image.ts", ...options], { stdio: "pipe" });
}

function unpack(architecture: string): void {
  const layout = join(built, `layout-${architecture}`);
  mkdirSync(layout);
  execFileSync("tar", ["-xf", archive(built, architecture), "-C", layout]);
  const args = ["unpack", "--image", `${layout}:${version}`, bundle(architecture)];
  execFileSync("umoci", args, { stdio: "pipe" });
}

/**
 * The command in the image for arm64. Its libraries are named to its loader, since with `-L` the emulator finds the
 * image's directories where the agent asks for this machine's, and the agent refuses a socket below a path that leads
 * elsewhere. `tallyman demo` is not run this way: it starts its own program a second time, and this machine's kernel does
 * not start one for arm64 by itself.
 */
function emulated(): string[] {
  const root = rootfs("arm64");
  const wrapper = readFileSync(join(root, "usr/bin/tallyman"), "utf8");
  const [, command] = /^exec (.+) "\$@"$/m.exec(wrapper)!;
  const words = command!.split(" ").map((each) => each.replace(/^\/usr\//, `${root}/usr/`));
  const libraries = join(root, "usr/lib/aarch64-linux-gnu");
  const loader = join(libraries, "ld-linux-aarch64.so.1");
  return [emulator, loader, "--library-path", libraries, ...words];
}

/** Every file, link and directory of the image. */
function filesOf(architecture: string): string[] {
  return globSync("**/*", { cwd: rootfs(architecture) });
}

describe.runIf(can_contain && is_long)("image", long, () => {
  beforeAll(() => {
    built = mkdtempSync(join(tmpdir(), "tallyman-test-image-"));
    const options = ["--fast", "--into", built];
    execFileSync(process.execPath, ["scripts/package.ts", ...options], { stdio: "pipe" });
    buildImages(built);
    for (const architecture of ["amd64", "arm64"]) unpack(architecture);
  });

  afterAll(() => rmSync(built, { recursive: true, force: true }));

  test("image - built again, it is the same to the byte", () => {
    const again = temporaryDirectory();
    buildImages(again, "--arch", "amd64");
    const [one, other] = [built, again].map((folder) => readFileSync(archive(folder, "amd64")));
    expect(one!.equals(other!)).toBe(true);
  });

  test("image - says what runs, as whom, and what is kept", () => {
    const layout = join(built, "layout-arm64");
    const blob = (digest: string): unknown =>
      JSON.parse(readFileSync(join(layout, "blobs", digest.replace(":", "/")), "utf8"));
    const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as {
      manifests: { digest: string }[];
    };
    expect(index.manifests).toHaveLength(1);
    const manifest = blob(index.manifests[0]!.digest) as { config: { digest: string } };
    expect(blob(manifest.config.digest)).toMatchObject({
      architecture: "arm64",
      os: "linux",
      config: {
        User: `${image_user}:${image_user}`,
        Entrypoint: ["/usr/bin/tallyman"],
        Cmd: ["run"],
        StopSignal: "SIGTERM",
        Volumes: { "/var/lib/tallyman": {} },
        Labels: {
          "org.opencontainers.image.title": "tallyman",
          "org.opencontainers.image.version": version,
        },
      },
    });
  });

  test.each(["amd64", "arm64"])("image - %s has nothing that others may change", (architecture) => {
    const files = filesOf(architecture);
    for (const file of files) {
      const { mode, uid: owner } = lstatSync(join(rootfs(architecture), file));
      if ((mode & 0o170_000) === 0o120_000) continue;
      // No set-user-ID, and no write access for others but in places for temporary files.
      expect(mode & 0o6000, file).toBe(0);
      if (!/^(?:tmp|var\/(?:tmp|lock))$/.test(file)) expect(mode & 0o022, file).toBe(0);
      expect(owner, file).toBe(file === "var/lib/tallyman" ? image_user : 0);
    }
    expect(files).not.toContain("etc/tallyman/config.yaml");
    expect(files.filter((file) => /^usr\/share\/(?:man|bash-completion)/.test(file))).toEqual([]);
    for (const each of globSync("var/lib/dpkg/status.d/*", { cwd: rootfs(architecture) })) {
      const copyright = `usr/share/doc/${basename(each)}/copyright`;
      expect(existsSync(join(rootfs(architecture), copyright)), copyright).toBe(true);
    }
  });

  test.runIf(isInstalled(emulator))(
    "image - the program for arm64 checks a configuration, and ships a file",
    async () => {
      const [program, ...args] = emulated();
      const directory = temporaryDirectory();
      const log = join(directory, "audit.log");
      writeFileSync(log, '{"n":1,"password":"CorrectHorse"}\n');
      const splunk = await Splunk.start();
      const file = writeConfig({
        directory,
        url: splunk.url,
        paths: [log],
        chain: ['redact: { fields: ["**.password"] }'],
      });
      for (const each of [["--version"], ["check", "-c", file]]) {
        const { status, stderr } = spawnSync(program!, [...args, ...each], { encoding: "utf8" });
        expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      }
      const daemon = Daemon.of([program!, ...args, "run", "-c", file]);
      await splunk.until(({ events }) => events.length > 0 || !daemon.alive);
      appendFileSync(log, '{"n":2}\n');
      await splunk.until(({ events }) => events.length > 1 || !daemon.alive);
      expect(await daemon.stop()).toBe(0);
      expect(splunk.events).toEqual(['{"n":1,"password":"[REDACTED]"}', '{"n":2}']);
      expect(daemon.books.balanced).toBe(true);
    },
  );

  describe("run", () => {
    beforeEach(({ skip }) => {
      const reason = whyNotRun(bundle("amd64"));
      skip(reason !== undefined, reason);
    });

    test("image - without a configuration it says which one it misses", () => {
      const run = (...args: string[]): ReturnType<Container["run"]> =>
        Container.of({ bundle: bundle("amd64"), args }).run();
      expect(run("--version").output).toBe(`${version}\n`);
      const { status, errors } = run("run");
      expect(status).toBe(2);
      expect(errors).toContain("/etc/tallyman/config.yaml");
    });

    test("image - as its own user, on a read-only root, it ships with a plugin and a credential of Kubernetes", async () => {
      const splunk = await Splunk.start();
      const { mounts, log } = ownVolumes(splunk.url);
      writeFileSync(log, '{"n":1,"password":"CorrectHorse"}\n');
      const options = { bundle: bundle("amd64"), mounts };
      const check = Container.of({ ...options, args: ["check"] }).run();
      expect(check.status, check.output + check.errors).toBe(0);
      for (const [round, count] of [1, 2].entries()) {
        const container = Container.of(options);
        const daemon = container.start();
        await daemon.logged("running");
        await splunk.until(({ events }) => events.length >= count || !daemon.alive);
        expect(await container.exec("tallyman-probe", "readyz")).toBe("ready\n");
        if (round === 0) {
          // A second one on the same state is refused, whatever its process is called.
          const second = Container.of(options).run();
          expect(second).toMatchObject({ status: 1 });
          expect(second.errors).toContain("/var/lib/tallyman");
        }
        expect(await daemon.stop()).toBe(0);
        expect(daemon.books.balanced).toBe(true);
        appendFileSync(log, `{"n":${count + 1},"password":"CorrectHorse"}\n`);
      }
      expect(splunk.events).toEqual(
        [1, 2].map((n) => `{"n":${n},"password":"[REDACTED]","stamped":true}`),
      );
    });

    test.for(["kubernetes-pods", "kubernetes"])(
      "image - the DaemonSet for the recipe %s ships what its node has, without secrets",
      async (recipe) => {
        const splunk = await Splunk.start();
        const { pod, log } = nodeFor(recipe, splunk.url, bundle("amd64"));
        const { container, probes } = pod();
        const records = auditRecords[recipe]!;
        const daemon = container.start();
        await daemon.logged("running");
        appendFileSync(log, records.lines.map((line) => `${line}\n`).join(""));
        const shipped = (): typeof splunk.indexed =>
          splunk.indexed.filter(({ sourcetype }) => !sourcetype?.startsWith("tallyman:"));
        await splunk.until(() => shipped().length >= records.lines.length || !daemon.alive);
        for (const probe of [probes.startup, probes.liveness]) await container.exec(...probe);
        expect(await daemon.stop()).toBe(0);
        expect(daemon.books.balanced).toBe(true);
        for (const { host } of splunk.indexed) expect(host).toBe("node-7");
        const sent = splunk.indexed.map(({ event }) => event.toString()).join("\n");
        for (const text of records.kept) expect(sent).toContain(text);
        expectNoSecret(sent + daemon.lines.join("\n"), records);
        expect(sent).not.toContain("own output");

        // The next pod of the node goes on where this one ended, also in a file that was rotated meanwhile.
        const before = shipped().length;
        renameSync(log, `${log}.1`);
        writeFileSync(log, `${records.lines[0]}\n`, { mode: 0o600 });
        const next = pod().container.start();
        await splunk.until(() => shipped().length > before || !next.alive);
        expect(await next.stop()).toBe(0);
        expect(shipped()).toHaveLength(before + 1);
      },
    );
  });
});
