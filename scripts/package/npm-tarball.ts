/** The npm package: what package.json names in `files`. It has no dependencies: the code of all libraries is inside. */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { program_file } from "../bundle/bundle.ts";

/** What package.json has for those who work on tallyman. */
const not_shipped = ["dependencies", "devDependencies", "allowScripts", "scripts"];

interface TarballOptions {
  /** The folder of the built program. */
  program: string;
  /** Where the package goes. */
  into: string;
  /** An empty place to work at. */
  work: string;
}

/** Builds it, and gives its path. */
export function buildNpmTarball({ program, into, work }: TarballOptions): string {
  const folder = join(work, "npm");
  mkdirSync(folder);
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Record<string, unknown>;
  for (const key of not_shipped) delete manifest[key];
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  for (const file of ["README.md", "LICENSE", ...(manifest["files"] as string[])]) {
    cpSync(file === "dist" ? program : file, join(folder, file), { recursive: true });
  }
  setModes(folder);
  chmodSync(join(folder, "dist", program_file), 0o755);
  const args = ["pack", "--ignore-scripts", "--silent", "--pack-destination", into];
  const name = execFileSync("npm", args, { cwd: folder, encoding: "utf8" }).trim();
  return join(into, name);
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
