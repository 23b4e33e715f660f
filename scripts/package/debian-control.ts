/** What dpkg reads: what the package is, what it needs, its configuration files, checksums and scripts. */
import { createHash } from "node:crypto";
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FileTree } from "./file-tree.ts";
import { libraryPackages } from "./library-packages.ts";
import type { Architecture } from "./runtime.ts";

/** Whom a package comes from if nobody else is named. */
export const default_maintainer = "The tallyman project <maintainers@tallyman.example>";

interface PackageDetails {
  version: string;
  architecture: Architecture;
  maintainer: string;
}

/** Whether it is what dpkg takes for a maintainer: a name and an address, on one line. */
export function isMaintainer(text: string): boolean {
  return /^[^<>\p{Cc}\s](?:[^<>\p{Cc}]*[^<>\p{Cc}\s])? <[^<>\s@]+@[^<>\s@.]+(?:\.[^<>\s@.]+)+>$/u.test(
    text,
  );
}

/** Called when all other files are there. */
export function controlFiles(tree: FileTree, details: PackageDetails): void {
  const control = controlFile(tree, details);
  const sums = checksums(tree);
  tree.write("DEBIAN/control", control);
  tree.write("DEBIAN/md5sums", sums);
  tree.write("DEBIAN/conffiles", "/etc/tallyman/config.yaml\n");
  for (const script of ["postinst", "prerm", "postrm"]) {
    tree.copy(`packaging/debian/${script}`, `DEBIAN/${script}`);
    tree.program(`DEBIAN/${script}`);
  }
}

function controlFile(
  tree: FileTree,
  { version, architecture, maintainer }: PackageDetails,
): string {
  const libraries = libraryPackages(join(tree.root, "usr/lib/tallyman/bin/node"));
  // Its units are made for this systemd and newer; it speaks to it by its systemd-notify, and has the user made by it.
  const depends = [...libraries, "systemd (>= 252)"].join(", ");
  return `Package: tallyman
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${tree.sizeInKibibytes()}
Depends: ${depends}
Section: admin
Priority: optional
Description: ship audit logs to Splunk
 tallyman follows audit-log files, or takes events over a UNIX socket or as
 HTTP requests, runs every event through a chain of filter and redact steps,
 and delivers batches to Splunk's HTTP Event Collector.
 .
 Every event that came in is delivered, filtered by a rule, held in quarantine,
 or dropped under a named reason: the books balance.
`;
}

function checksums(tree: FileTree): string {
  const lines = tree
    .files()
    .filter((file) => lstatSync(join(tree.root, file)).isFile())
    .map((file) => {
      const digest = createHash("md5")
        .update(readFileSync(join(tree.root, file)))
        .digest("hex");
      return `${digest}  ${file}\n`;
    });
  return lines.join("");
}
