/**
 * The packages of Debian 12 that the image is made of: no more than the program needs. apt fetches them, checks their
 * signatures, and touches nothing of what it knows of this machine, so that any architecture can be built on any.
 */
import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Architecture } from "../package/runtime.ts";

/** A package, and the files of it that are wanted where that is not all. */
interface Wanted {
  readonly name: string;
  readonly files?: readonly string[];
}

const wanted: readonly Wanted[] = [
  { name: "base-files" },
  { name: "ca-certificates" },
  // The command tallyman is a line of shell.
  { name: "dash" },
  // The licence of the next ones that come from GCC.
  { name: "gcc-12-base" },
  { name: "libatomic1" },
  { name: "libc6" },
  { name: "libgcc-s1" },
  { name: "libstdc++6" },
  // It locks the state directory (docs/decisions/state-directory.md).
  { name: "util-linux", files: ["usr/bin/flock", "usr/share/doc/util-linux/copyright"] },
];

export interface DebianFile extends Wanted {
  readonly file: string;
}

export interface DebianPackagesOptions {
  architecture: Architecture;
  /** The folder that keeps them. */
  kept: string;
  /** An empty place to work at. */
  work: string;
}

/** Their files, fetched where the folder does not have them yet. */
export function debianPackages(options: DebianPackagesOptions): DebianFile[] {
  const { architecture, kept } = options;
  const find = ({ name }: Wanted): string | undefined =>
    globSync(`${name}_*_{${architecture},all}.deb`, { cwd: kept }).sort().at(-1);
  const missing = wanted.filter((each) => find(each) === undefined);
  if (missing.length > 0) fetchPackages(missing, options);
  return wanted.map((each) => ({ ...each, file: join(kept, find(each)!) }));
}

function fetchPackages(
  missing: readonly Wanted[],
  { architecture, kept, work }: DebianPackagesOptions,
): void {
  const apt = join(work, "apt");
  for (const folder of ["lists/partial", "cache/archives/partial"]) {
    mkdirSync(join(apt, folder), { recursive: true });
  }
  mkdirSync(kept, { recursive: true });
  // Nothing is installed.
  const status = join(apt, "status");
  writeFileSync(status, "");
  const settings = [
    `APT::Architecture=${architecture}`,
    `APT::Architectures=${architecture}`,
    `Dir::State=${apt}`,
    `Dir::State::status=${status}`,
    `Dir::Cache=${join(apt, "cache")}`,
    `Dir::Etc::sourcelist=${resolve("packaging/container/debian.sources")}`,
    "Dir::Etc::sourceparts=/dev/null",
    "Acquire::Languages=none",
    // The folders are this user's.
    "APT::Sandbox::User=",
  ].flatMap((setting) => ["-o", setting]);
  const run = (...args: string[]): Buffer =>
    execFileSync("apt-get", [...settings, "-qq", ...args], {
      cwd: kept,
      stdio: ["ignore", "ignore", "inherit"],
    });
  run("update");
  run("download", ...missing.map(({ name }) => name));
}
