/** The npm package: what package.json names in `files`, compiled anew, away from the dist/ that may be in use. */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What npm packs beside `files`. */
const always = ["package.json", "README.md", "LICENSE"];

/** Builds it, and gives its path. */
export function buildNpmTarball(into: string, work: string): string {
  const folder = join(work, "npm");
  mkdirSync(folder);
  const { files } = JSON.parse(readFileSync("package.json", "utf8")) as { files: string[] };
  for (const file of [...always, ...files]) {
    if (file !== "dist") cpSync(file, join(folder, file), { recursive: true });
  }
  const dist = join(folder, "dist");
  execFileSync("tsc", ["-p", "tsconfig.build.json", "--outDir", dist], { stdio: "inherit" });
  setModes(folder);
  chmodSync(join(dist, "src/cli/main.js"), 0o755);
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", into];
  const packed: unknown = JSON.parse(
    execFileSync("npm", args, {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  const [{ filename }] = Object.values(packed as object) as [{ filename: string }];
  return join(into, filename);
}

/** The modes of what everybody may read, whatever the umask was that the files were made with. */
export function setModes(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) setModes(path);
    else if (entry.isFile()) chmodSync(path, 0o644);
  }
}
