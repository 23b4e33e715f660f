/**
 * What `npm run package` builds: what is in it, that it runs, that it can be built again. Installing it on a whole system
 * is test/system.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isInstalled } from "../support/commands.ts";
import { is_long, long } from "../support/effort.ts";
import { temporaryDirectory } from "../support/temporary.ts";

/** Skipped where there is no Debian to build for, or the Node that goes into a package is another than this machine's. */
const can_build = ["dpkg-deb", "readelf"].every(isInstalled) && process.arch === "x64";
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
let built = "";
let unpacked = "";

const deb = (): string => join(built, `tallyman_${version}_amd64.deb`);
const npm = (): string => join(built, `tallyman-${version}.tgz`);

function build(umask: string): string {
  const into = mkdtempSync(join(tmpdir(), "tallyman-test-package-"));
  const command = `umask ${umask}; exec "$@"`;
  const program = [process.execPath, "scripts/package.ts"];
  const options = ["--arch", "amd64", "--fast", "--into", into];
  execFileSync("sh", ["-c", command, "sh", ...program, ...options], { stdio: "pipe" });
  return into;
}

const machine_node = "/usr/bin/node";
const is_old =
  existsSync(machine_node) && /^v(1[89]|2[01])\./.test(run(machine_node, "--version").output);

function run(command: string, ...args: string[]): { status: number | null; output: string } {
  const ran = spawnSync(command, args, { encoding: "utf8" });
  return { status: ran.status, output: ran.stdout + ran.stderr };
}

describe.runIf(can_build && is_long)("package", long, () => {
  beforeAll(() => {
    built = build("022");
    unpacked = join(built, "unpacked");
    execFileSync("dpkg-deb", ["-x", deb(), unpacked]);
  });

  afterAll(() => rmSync(built, { recursive: true, force: true }));

  test("package - built again, by somebody else's umask, it is the same to the byte", () => {
    const again = build("077");
    for (const file of readdirSync(again)) {
      const same = readFileSync(join(again, file)).equals(readFileSync(join(built, file)));
      expect(same, file).toBe(true);
    }
    rmSync(again, { recursive: true });
  });

  test("package - what runs in the Debian package is its own Node, with its own libraries", () => {
    const file = join(unpacked, "usr/bin/tallyman");
    const script = readFileSync(file, "utf8");
    expect(script.split("\n")).toHaveLength(3);
    // There is no such thing in /usr/lib here.
    writeFileSync(file, script.replaceAll(" /usr/", ` ${unpacked}/usr/`));
    expect(run(file, "--version")).toEqual({ status: 0, output: `${version}\n` });
    const { status, output } = run(file, "demo");
    expect(status, output).toBe(0);
    expect(output).toContain("The books balance");
    const { version: pinned } = JSON.parse(readFileSync("packaging/runtime.json", "utf8")) as {
      version: string;
    };
    const node = join(unpacked, "usr/lib/tallyman/bin/node");
    expect(run(node, "--version").output).toBe(`v${pinned}\n`);
  });

  test("package - the Node inside is the one that everything is tested with", () => {
    const { version: pinned } = JSON.parse(readFileSync("packaging/runtime.json", "utf8")) as {
      version: string;
    };
    const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
      packages: Record<string, { version: string }>;
    };
    expect(pinned).toBe(lock.packages["node_modules/node"]!.version);
  });

  test("package - the configuration in it is valid, and needs a token and nothing else", () => {
    const config = join(unpacked, "etc/tallyman/config.yaml");
    const credentials = temporaryDirectory();
    writeFileSync(join(credentials, "splunk_token"), "s3cr3t-0000");
    const main = join(unpacked, "usr/lib/tallyman/dist/src/cli/main.js");
    const check = spawnSync(process.execPath, [main, "check", "-c", config], {
      encoding: "utf8",
      env: { ...process.env, CREDENTIALS_DIRECTORY: credentials },
    });
    expect(check.stderr).toBe("");
    expect(check.status).toBe(0);
    expect(check.stdout).not.toContain("s3cr3t");
  });

  test("package - has units, manual, completions and licences where Debian looks for them", () => {
    for (const file of [
      "usr/lib/systemd/system/tallyman.service",
      "usr/lib/systemd/system/tallyman@.service",
      "usr/lib/systemd/system/tallyman.socket",
      "usr/lib/sysusers.d/tallyman.conf",
      "usr/share/man/man1/tallyman.1.gz",
      "usr/share/bash-completion/completions/tallyman",
      "usr/share/zsh/vendor-completions/_tallyman",
      "usr/share/fish/vendor_completions.d/tallyman.fish",
      "usr/share/doc/tallyman/copyright",
      "usr/share/doc/tallyman/copyright.node",
      "usr/share/doc/tallyman/README.md",
    ]) {
      expect(existsSync(join(unpacked, file)), file).toBe(true);
    }
    const copyright = readFileSync(join(unpacked, "usr/share/doc/tallyman/copyright"), "utf8");
    const libraries = readdirSync(join(unpacked, "usr/lib/tallyman/node_modules"));
    for (const library of libraries.filter((name) => !name.startsWith("@"))) {
      expect(copyright).toContain(`\n${library} `);
    }
    expect(libraries).not.toContain("vitest");
  });

  test("package - everything belongs to root, and nobody else may write it", () => {
    const lines = run("dpkg-deb", "-c", deb()).output.trimEnd().split("\n");
    const odd = lines.filter((line) => !/^[d-]rw[x-]r-[x-]r-[x-] root\/root /.test(line));
    expect(odd).toEqual([]);
    expect(run("dpkg-deb", "-I", deb(), "conffiles").output).toBe("/etc/tallyman/config.yaml\n");
    const { output } = run("dpkg-deb", "-f", deb(), "Depends");
    expect(output).toMatch(/^libatomic1, libc6 \(>= 2\.\d+\), .*systemd \(>= 252\)\n$/);
  });

  test("package - its scripts are good shell", () => {
    for (const script of ["postinst", "prerm", "postrm"]) {
      expect(run("sh", "-n", `packaging/debian/${script}`)).toEqual({ status: 0, output: "" });
    }
  });

  test.runIf(isInstalled("lintian"))("package - lintian finds no error, and no warning", () => {
    const as_root = process.getuid!() === 0 ? ["--allow-root"] : [];
    // Half of its time goes into looking for spelling mistakes in Node.
    const options = [...as_root, "--dont-check-part", "binaries/spelling"];
    expect(run("lintian", ...options, "--fail-on=error,warning", deb())).toEqual({
      status: 0,
      output: "",
    });
  });

  test("package - npm installs the tarball with the locked versions, and no script runs", () => {
    const prefix = temporaryDirectory();
    const options = ["--prefix", prefix, "--prefer-offline", "--ignore-scripts"];
    const { status, output } = run("npm", "install", "-g", npm(), ...options);
    expect(status, output).toBe(0);
    const program = join(prefix, "bin/tallyman");
    expect(run(program, "--version")).toEqual({ status: 0, output: `${version}\n` });
    const facts = (file: string) =>
      JSON.parse(readFileSync(file, "utf8")) as { version: string; scripts?: object };
    const own = join(prefix, "lib/node_modules/tallyman");
    expect(facts(join(own, "package.json")).scripts).toBe(undefined);
    for (const library of ["undici", "zod", "pino"]) {
      const inside = facts(join(own, "node_modules", library, "package.json"));
      expect(inside.version).toBe(facts(`node_modules/${library}/package.json`).version);
    }
  });

  test.runIf(is_old)("package - the machine's own Node, which is too old, can read why", () => {
    const folder = temporaryDirectory();
    execFileSync("tar", ["-xzf", npm(), "-C", folder]);
    const { status, output } = run(machine_node, join(folder, "package/dist/src/cli/main.js"));
    expect(status).toBe(1);
    expect(output).toMatch(/^tallyman needs Node 22\.19 or newer; this is Node \S+ \(\S+\)\.\n$/);
  });
});

describe("a Node that is too old", () => {
  const claim = (claimed: string): string[] => [
    "--import",
    `data:text/javascript,Object.defineProperty(process.versions,"node",{value:"${claimed}"})`,
  ];

  test.each(["18.20.8", "20.20.2", "21.7.3", "22.18.0"])(
    "package - Node %s gets one sentence, and status 1",
    (claimed) => {
      const { status, output } = run(process.execPath, ...claim(claimed), "src/cli/main.ts", "run");
      expect(status).toBe(1);
      expect(output).toBe(
        `tallyman needs Node 22.19 or newer; this is Node ${claimed} (${process.execPath}).\n`,
      );
    },
  );

  test.each(["22.19.0", "24.0.0"])("package - Node %s is taken", (claimed) => {
    const words = ["src/cli/main.ts", "--version"];
    expect(run(process.execPath, ...claim(claimed), ...words).status).toBe(0);
  });
});
