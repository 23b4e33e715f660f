/**
 * The app for Splunk: splunk-app/tallyman as one file that Splunk installs, a gzipped tar (.spl).
 *
 * Splunk itself writes into the folder of an app (`local/`, `metadata/local.meta`); none of that is packed where somebody
 * works on the app in place.
 */
import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { FileTree } from "./file-tree.ts";

const name = "tallyman";
const source = `splunk-app/${name}`;
const by_splunk = /^(local\/|metadata\/local\.meta$)/;

export interface SplunkAppOptions {
  /** Of every file. */
  date: Date;
  /** Where the package goes. */
  into: string;
  /** An empty place to work at. */
  work: string;
}

/** Builds it, and gives its path. */
export function buildSplunkApp({ date, into, work }: SplunkAppOptions): string {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  const root = join(work, "spl");
  mkdirSync(root);
  const tree = new FileTree(root);
  for (const path of appFiles(source)) tree.copy(join(source, path), join(name, path));
  tree.copy("LICENSE", `${name}/LICENSE`);
  tree.settle(date);
  const file = join(into, `${name}-${version}.spl`);
  const owner = ["--owner=root:0", "--group=root:0"];
  const order = ["--format=ustar", "--sort=name", "-C", root, "-cf", "-", name];
  writeFileSync(file, gzipSync(execFileSync("tar", [...owner, ...order]), { level: 9 }));
  return file;
}

/** The files of an app's folder that are its own, by path: none that is hidden, and none that Splunk wrote. */
export function appFiles(folder: string): string[] {
  // Names that begin with a dot match no `**`.
  return globSync("**", { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !by_splunk.test(path))
    .sort();
}
