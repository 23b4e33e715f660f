/** /usr/lib/tallyman: the program as the npm package has it, and the Node that runs it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { program_file } from "../bundle/bundle.ts";
import type { PackageInside } from "../bundle/inside.ts";
import type { FileTree } from "./file-tree.ts";
import { copyrightFile } from "./licences.ts";

/** Where whoever writes a plugin finds its types, as docs/plugins.md says. */
const share = "usr/share/tallyman";
const home = "usr/lib/tallyman";
const node = `${home}/bin/node`;
const main = `${home}/dist/${program_file}`;
const command = "usr/bin/tallyman";
const doc = "usr/share/doc/tallyman";

interface ProgramParts {
  /** The npm package. */
  tarball: string;
  /** Whose code is in it. */
  packages: readonly PackageInside[];
  /** The folder of the Node to bring. */
  runtime: string;
}

export function placeProgram(tree: FileTree, { tarball, packages, runtime }: ProgramParts): void {
  const folder = join(tree.root, home);
  mkdirSync(folder, { recursive: true });
  const packed = ["dist", "packs", "package.json"].map((each) => `package/${each}`);
  execFileSync("tar", ["-xzf", tarball, "-C", folder, "--strip-components=1", ...packed]);
  placeTypes(tree, join(folder, "dist/types"));
  tree.write(`${doc}/copyright`, copyrightFile(packages));
  tree.copy(join(runtime, "LICENSE"), `${doc}/copyright.node`);
  tree.copy(join(runtime, "bin/node"), node);
  tree.program(node);
  const file = join(tree.root, main);
  const [first_line, ...lines] = readFileSync(file, "utf8").split("\n");
  // The flags of Node are in one place: the first line of the program. It goes, since the machine's own Node is not meant.
  const flags = /^#!\/usr\/bin\/env (?:-S )?node((?: \S+)*)$/.exec(first_line!)?.[1];
  if (flags === undefined) throw new Error(`${main} does not begin with the Node that it runs on`);
  writeFileSync(file, lines.join("\n"));
  tree.write(command, `#!/bin/sh\nexec /${node}${flags} /${main} "$@"\n`);
  tree.program(command);
}

/** The types of the plugin API, in a folder that is complete in itself. */
export function placeTypes(tree: FileTree, types: string): void {
  tree.copy(types, `${share}/types`);
  tree.write(`${share}/plugin.d.ts`, `export * from "./types/src/plugin.js";\n`);
}
