/**
 * The Debian package: the program of the npm package and its Node below /usr/lib/tallyman, and what a Debian system wants to
 * know about it. dpkg-deb puts it together.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "../../src/plugin.ts";
import type { PackageInside } from "../bundle/inside.ts";
import { controlFiles } from "./debian-control.ts";
import { systemFiles } from "./debian-files.ts";
import { FileTree } from "./file-tree.ts";
import { placeProgram } from "./program-files.ts";
import { fetchRuntime, type Architecture } from "./runtime.ts";

export interface DebianPackageOptions {
  /** The npm package. */
  tarball: string;
  /** Whose code is in it. */
  packages: readonly PackageInside[];
  architecture: Architecture;
  /** The built-in plugins, whose options the manual describes. */
  plugins: readonly Plugin[];
  /** Whom the package comes from: a name and an address. */
  maintainer: string;
  /** Of every file. */
  date: Date;
  /** Where the package goes. */
  into: string;
  /** An empty place to work at. */
  work: string;
  /** Whether to compress less, and sooner be done. */
  fast: boolean;
}

/** Builds it, and gives its path. */
export function buildDebianPackage(options: DebianPackageOptions): string {
  const { tarball, packages, architecture, plugins, maintainer } = options;
  const { date, into, work, fast } = options;
  const root = join(work, `deb-${architecture}`);
  mkdirSync(root);
  const { version: npm_version } = JSON.parse(readFileSync("package.json", "utf8")) as {
    version: string;
  };
  // 1.0.0-rc.1 comes before 1.0.0, which Debian writes with a tilde.
  const version = npm_version.replace("-", "~");
  const tree = new FileTree(root);
  const runtime = fetchRuntime(architecture, work);
  placeProgram(tree, { tarball, packages, runtime });
  systemFiles(tree, { version, date, plugins, maintainer });
  tree.settle(date);
  controlFiles(tree, { version, architecture, maintainer });
  tree.settle(date);
  const file = join(into, `tallyman_${version}_${architecture}.deb`);
  const compression = fast ? ["-Zgzip", "-z1"] : ["-Zxz"];
  execFileSync("dpkg-deb", ["--root-owner-group", ...compression, "--build", root, file], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, SOURCE_DATE_EPOCH: String(date.getTime() / 1000) },
  });
  return file;
}
