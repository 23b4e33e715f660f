/** What the Debian package has beside the program: configuration, units, manual pages, completions and documentation. */
import type { Plugin } from "../../src/plugin.ts";
import { bashCompletion } from "./completions/bash.ts";
import { configPage } from "./config-page.ts";
import type { FileTree } from "./file-tree.ts";
import { fishCompletion } from "./completions/fish.ts";
import { manPage } from "./man-page.ts";
import { zshCompletion } from "./completions/zsh.ts";

const doc = "usr/share/doc/tallyman";

export interface SystemFileOptions {
  version: string;
  date: Date;
  /** Whose options the configuration has. */
  plugins: readonly Plugin[];
  /** Whom the package comes from. */
  maintainer: string;
}

export function systemFiles(
  tree: FileTree,
  { version, date, plugins, maintainer }: SystemFileOptions,
): void {
  tree.copy("packaging/config.yaml", "etc/tallyman/config.yaml");
  // As it came, so that `tallyman init` knows whether anybody has changed it.
  tree.copy("packaging/config.yaml", "usr/lib/tallyman/packaging/config.yaml");
  for (const unit of [
    "tallyman.service",
    "tallyman@.service",
    "tallyman.socket",
    "tallyman-datagram.socket",
  ]) {
    tree.copy(`systemd/${unit}`, `usr/lib/systemd/system/${unit}`);
  }
  tree.copy("packaging/debian/sysusers.conf", "usr/lib/sysusers.d/tallyman.conf");
  const day = date.toISOString().slice(0, 10);
  tree.writeGzipped("usr/share/man/man1/tallyman.1.gz", manPage(version, day));
  tree.writeGzipped("usr/share/man/man5/tallyman.yaml.5.gz", configPage(plugins, version, day));
  tree.write("usr/share/bash-completion/completions/tallyman", bashCompletion());
  tree.write("usr/share/zsh/vendor-completions/_tallyman", zshCompletion());
  tree.write("usr/share/fish/vendor_completions.d/tallyman.fish", fishCompletion());
  for (const file of [
    "README.md",
    "CHANGELOG.md",
    "config.example.yaml",
    "dashboards",
    "docs",
    "examples",
    "systemd/README.md",
  ]) {
    tree.copy(file, `${doc}/${file}`);
  }
  tree.writeGzipped(`${doc}/changelog.gz`, changelog(version, date, maintainer));
  tree.copy("packaging/debian/lintian-overrides", "usr/share/lintian/overrides/tallyman");
}

/** Debian's form, for tools that read it; CHANGELOG.md says what changed. */
function changelog(version: string, date: Date, maintainer: string): string {
  const when = date.toUTCString().replace("GMT", "+0000");
  const change = `  * Built from version ${version}; CHANGELOG.md has its changes.`;
  return `tallyman (${version}) stable; urgency=medium\n\n${change}\n\n -- ${maintainer}  ${when}\n`;
}
