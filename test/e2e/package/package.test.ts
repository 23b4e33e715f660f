/**
 * What `npm run build` and `npm run package` build: what is in it, that it runs, that it can be built again. Installing it on
 * a whole system is test/system.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { parseAst } from "rolldown/parseAst";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isInstalled } from "../../support/commands.ts";
import { is_long, long, longTest } from "../../support/effort.ts";
import {
  all_mistakes,
  checkTypes,
  compilerConfigurations,
  mistakesIn,
} from "../../support/documents/plugin-types.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { main } from "../../support/program.ts";

/** Skipped where there is no Debian to build for, or the Node that goes into a package is another than this machine's. */
const can_build = ["dpkg-deb", "readelf"].every(isInstalled) && process.arch === "x64";
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
const libraryVersion = (name: string): string =>
  (JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")) as { version: string })
    .version;
const maintainer = "Example Operations <operations@example.com>";
let built = "";
let unpacked = "";

const deb = (): string => join(built, `tallyman_${version}_amd64.deb`);
const npm = (): string => join(built, `tallyman-${version}.tgz`);

function build(umask: string): string {
  const into = mkdtempSync(join(tmpdir(), "tallyman-test-package-"));
  const command = `umask ${umask}; exec "$@"`;
  const program = [process.execPath, "scripts/package.ts"];
  const whom = ["--maintainer", maintainer];
  const options = ["--arch", "amd64", "--fast", "--into", into, ...whom];
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

/** All files below a folder, and what is in them. */
function filesIn(folder: string): Map<string, string> {
  const files = globSync("**", { cwd: folder, withFileTypes: true }).filter((each) =>
    each.isFile(),
  );
  const paths = files.map((file) => join(file.parentPath, file.name)).sort();
  return new Map(paths.map((path) => [relative(folder, path), readFileSync(path, "latin1")]));
}

interface Component {
  name: string;
  version: string;
  hashes: unknown[];
  licenses: unknown[];
}

/** Of the SBOM. */
function componentsOf(folder: string): Component[] {
  const text = readFileSync(join(folder, "sbom.cdx.json"), "utf8");
  return (JSON.parse(text) as { components: Component[] }).components;
}

/** The packages whose code is in the bundle, as its source maps say, and what the bundler says of its own code. */
function packagesInMaps(): Set<string> {
  const folders = new Set<string>();
  for (const file of globSync("dist/**/*.js.map")) {
    const { sources } = JSON.parse(readFileSync(file, "utf8")) as { sources: string[] };
    for (const source of sources) {
      const path = relative("", join(dirname(file), source));
      expect(existsSync(path), `${file} has ${source}`).toBe(true);
      const [folder] = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path) ?? [];
      if (folder !== undefined) folders.add(folder);
      else expect(path).toMatch(/^(src|plugins|scripts\/bundle)\//);
    }
  }
  // What the bundler adds of itself is in no map.
  if (globSync("dist/chunks/rolldown-runtime-*.js").length > 0)
    folders.add("node_modules/rolldown");
  return folders;
}

/** What a built file imports or requires by a name that stands there. */
function importsOf(file: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type, source, callee, arguments: args } = node as Record<string, unknown>;
    const { name } = (callee ?? {}) as { name?: string };
    const maker = ((callee ?? {}) as { callee?: { name?: string } }).callee?.name;
    const is_call = type === "CallExpression" && /^(__)?require$/.test(name ?? "");
    const is_require = is_call || maker === "createRequire";
    const named = is_require ? (args as unknown[])[0] : source;
    const { value } = (named ?? {}) as { value?: unknown };
    if (typeof value === "string") found.push(value);
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseAst(readFileSync(file, "utf8")));
  return found;
}

describe("bundle", () => {
  test("bundle - every module in it belongs to a package of the SBOM and of the licences, and nothing else is there", () => {
    const folders = [...packagesInMaps()];
    const inside = folders.map((folder) => {
      const text = readFileSync(join(folder, "package.json"), "utf8");
      const facts = JSON.parse(text) as Record<string, string>;
      return `${facts["name"]} ${facts["version"]}`;
    });
    expect(inside).toContain(`zod ${libraryVersion("zod")}`);
    const components = componentsOf("dist");
    expect(components.map((each) => `${each.name} ${each.version}`).sort()).toEqual(inside.sort());
    for (const { name, hashes, licenses } of components) {
      expect(hashes, name).toHaveLength(1);
      expect(licenses, name).toHaveLength(1);
    }
    const licences = readFileSync("dist/third-party-licences.txt", "utf8");
    const titles = [...licences.matchAll(/^-{78}\n(.+), licensed as \S+\n/gm)];
    expect(titles.map(([, title]) => title!).sort()).toEqual(inside.sort());
    for (const folder of folders) {
      const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
      const text = readFileSync(join(folder, file!), "utf8").trim();
      expect(licences.includes(text), `the licence in ${folder}`).toBe(true);
    }
  });

  longTest("bundle - imports nothing but its own files and what Node has", () => {
    for (const file of globSync("dist/{,chunks/,plugins/}*.js")) {
      for (const specifier of importsOf(file)) {
        if (specifier.startsWith(".")) {
          expect(existsSync(join(dirname(file), specifier)), `${file}: ${specifier}`).toBe(true);
        } else expect(isBuiltin(specifier), `${file}: ${specifier}`).toBe(true);
      }
    }
    expect(importsOf("dist/plugins/filter.js")).toContainEqual(
      expect.stringMatching(/^\.\.\/chunks/),
    );
  });

  test("bundle - is in ASCII, which takes half of the memory", () => {
    for (const file of globSync("dist/**/*.js")) {
      expect(
        readFileSync(file).every((byte) => byte < 128),
        file,
      ).toBe(true);
    }
  });
});

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

  test("package - the app for Splunk is built beside them", () => {
    const { output } = run("tar", "-tzf", join(built, `tallyman-${version}.spl`));
    expect(output.split("\n")).toContain("tallyman/default/app.conf");
  });

  test("package - what runs in the Debian package is its own Node", () => {
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
    const program = join(unpacked, "usr/lib/tallyman/dist/tallyman.js");
    const check = spawnSync(process.execPath, [program, "check", "-c", config], {
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
      "usr/lib/systemd/system/tallyman-datagram.socket",
      "usr/lib/sysusers.d/tallyman.conf",
      "usr/share/man/man1/tallyman.1.gz",
      "usr/share/man/man5/tallyman.yaml.5.gz",
      "usr/share/doc/tallyman/dashboards/grafana/overview.json",
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
    for (const { name, version: inside } of componentsOf("dist")) {
      expect(copyright).toContain(`\n${name} ${inside}, licensed as `);
    }
  });

  test("package - comes from whom the build names", () => {
    expect(run("dpkg-deb", "-f", deb(), "Maintainer").output).toBe(`${maintainer}\n`);
    const changelog = join(unpacked, "usr/share/doc/tallyman/changelog.gz");
    expect(run("zcat", changelog).output).toContain(` -- ${maintainer}  `);
  });

  test("package - neither has a file of tests, and both have the dashboards", () => {
    const debian = run("dpkg-deb", "-c", deb()).output;
    const packed = run("tar", "-tzf", npm()).output;
    for (const list of [debian, packed]) {
      const files = list.trimEnd().split("\n");
      expect(files.length).toBeGreaterThan(50);
      expect(
        files.filter((file) => /\/(?:tests?|__tests__)\/|[._](?:test|spec)\./.test(file)),
      ).toEqual([]);
      expect(list).toMatch(/\/dashboards\/grafana\/overview\.json\n/);
    }
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

  test("package - what npm installs has nothing to resolve, and is the program that is tested", () => {
    const prefix = temporaryDirectory();
    // Nothing is needed from a registry, and none is there.
    const options = ["--prefix", prefix, "--ignore-scripts", "--registry", "http://127.0.0.1:1"];
    const cache = join(prefix, "cache");
    const { status, output } = run("npm", "install", "-g", npm(), ...options, "--cache", cache);
    expect(status, output).toBe(0);
    const program = join(prefix, "bin/tallyman");
    expect(run(program, "--version")).toEqual({ status: 0, output: `${version}\n` });
    const own = join(prefix, "lib/node_modules/tallyman");
    const facts = JSON.parse(readFileSync(join(own, "package.json"), "utf8")) as object;
    for (const key of ["scripts", "dependencies", "devDependencies", "bundleDependencies"]) {
      expect(facts).not.toHaveProperty(key);
    }
    expect(existsSync(join(own, "node_modules"))).toBe(false);
    expect(existsSync(join(own, "npm-shrinkwrap.json"))).toBe(false);
    expect(filesIn(join(own, "dist"))).toEqual(filesIn("dist"));
    expect(filesIn(join(own, "packs"))).toEqual(filesIn("packs"));
  });

  test("package - the Debian package has the same program, but for the Node that it names", () => {
    const inside = filesIn(join(unpacked, "usr/lib/tallyman/dist"));
    const expected = filesIn("dist");
    const [own, others] = [inside.get("tallyman.js")!, new Map(inside)];
    expect(own).toBe(expected.get("tallyman.js")!.replace(/^#!.*\n/, ""));
    for (const files of [others, expected]) files.delete("tallyman.js");
    expect(others).toEqual(expected);
    expect(filesIn(join(unpacked, "usr/lib/tallyman/packs"))).toEqual(filesIn("packs"));
  });

  test("package - a plugin in TypeScript is checked by what the npm package has, in an empty folder", () => {
    const folder = temporaryDirectory();
    const offline = ["--registry", "http://127.0.0.1:1", "--cache", join(folder, "cache")];
    const { status, output } = run("npm", "install", npm(), "--prefix", folder, ...offline);
    expect(status, output).toBe(0);
    const said = checkTypes(folder, compilerConfigurations().npm);
    expect(mistakesIn(said)).toEqual(all_mistakes);
  });

  test("package - a plugin in TypeScript is checked by what the Debian package has", () => {
    const configuration = compilerConfigurations().deb.replace(
      "/usr/share",
      `${unpacked}/usr/share`,
    );
    const said = checkTypes(temporaryDirectory(), configuration);
    expect(mistakesIn(said)).toEqual(all_mistakes);
  });

  test.runIf(is_old)("package - the machine's own Node, which is too old, can read why", () => {
    const folder = temporaryDirectory();
    execFileSync("tar", ["-xzf", npm(), "-C", folder]);
    const { status, output } = run(machine_node, join(folder, "package/dist/tallyman.js"));
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
      const { status, output } = run(process.execPath, ...claim(claimed), main, "run");
      expect(status).toBe(1);
      expect(output).toBe(
        `tallyman needs Node 22.19 or newer; this is Node ${claimed} (${process.execPath}).\n`,
      );
    },
  );

  test.each(["22.19.0", "24.0.0"])("package - Node %s is taken", (claimed) => {
    const words = [main, "--version"];
    expect(run(process.execPath, ...claim(claimed), ...words).status).toBe(0);
  });
});
