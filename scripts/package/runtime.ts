/**
 * The Node inside the Debian packages: of one version, checked by its checksum (packaging/runtime.json). The npm registry
 * has it for each platform, as the project publishes it.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const architectures = ["amd64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

interface Pinned {
  version: string;
  packages: Record<Architecture, { name: string; integrity: string }>;
}

export const pinned = JSON.parse(readFileSync("packaging/runtime.json", "utf8")) as Pinned;

export function isArchitecture(name: string): name is Architecture {
  return (architectures as readonly string[]).includes(name);
}

/** Fetches it, and gives the folder that has `bin/node` and `LICENSE`. */
export function fetchRuntime(architecture: Architecture, work: string): string {
  const { name, integrity } = pinned.packages[architecture];
  const folder = join(work, `node-${architecture}`);
  mkdirSync(folder);
  const args = ["pack", `${name}@${pinned.version}`, "--prefer-offline", "--silent"];
  execFileSync("npm", [...args, "--pack-destination", folder], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const file = join(folder, `${name}-${pinned.version}.tgz`);
  const found = `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;
  if (found !== integrity) throw new Error(`${name} is not what was pinned: ${found}`);
  execFileSync("tar", ["-xzf", file, "-C", folder, "package/bin/node", "package/LICENSE"]);
  return join(folder, "package");
}
