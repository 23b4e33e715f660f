/**
 * The npm package: what package.json names in `files`, compiled anew, away from the dist/ that may be in use; and the exact
 * versions of all libraries, so that what is installed is what was tested.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The name that npm gives a lock file that is part of a package. */
export const versions = "npm-shrinkwrap.json";

/** Builds it, and gives its path. */
export function buildNpmTarball(into: string, work: string): string {
  const folder = join(work, "npm");
  mkdirSync(folder);
  const facts = without(["devDependencies", "allowScripts", "scripts"], readJson("package.json"));
  const files = facts["files"] as string[];
  for (const file of ["README.md", "LICENSE", ...files]) {
    if (file !== "dist") cpSync(file, join(folder, file), { recursive: true });
  }
  writeJson(join(folder, "package.json"), { ...facts, files: [...files, versions] });
  writeJson(join(folder, versions), librariesOnly(readJson("package-lock.json")));
  const dist = join(folder, "dist");
  execFileSync("tsc", ["-p", "tsconfig.build.json", "--outDir", dist], { stdio: "inherit" });
  setModes(folder);
  chmodSync(join(dist, "src/cli/main.js"), 0o755);
  const args = ["pack", "--ignore-scripts", "--silent", "--pack-destination", into];
  const name = execFileSync("npm", args, { cwd: folder, encoding: "utf8" }).trim();
  return join(into, name);
}

type Json = Record<string, unknown>;

/** The lock file without what is only for development. */
function librariesOnly(lock: Json): Json {
  const packages = Object.entries(lock["packages"] as Record<string, Json>)
    .filter(([, { dev }]) => dev !== true)
    .map(([place, facts]) => [place, without(["devDependencies", "hasInstallScript"], facts)]);
  return { ...lock, packages: Object.fromEntries(packages) as Json };
}

function without(keys: readonly string[], facts: Json): Json {
  return Object.fromEntries(Object.entries(facts).filter(([key]) => !keys.includes(key)));
}

/** The modes of what everybody may read, whatever the umask was that the files were made with. */
function setModes(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) setModes(path);
    else chmodSync(path, 0o644);
  }
}

function readJson(file: string): Json {
  return JSON.parse(readFileSync(file, "utf8")) as Json;
}

function writeJson(file: string, value: Json): void {
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
