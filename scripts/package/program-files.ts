/** /usr/lib/tallyman: the compiled program, the libraries of the lock file, and the Node that runs both. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { FileTree } from "./file-tree.ts";
import { copyrightFile } from "./licences.ts";
import { versions } from "./npm-tarball.ts";

const home = "usr/lib/tallyman";
const node = `${home}/bin/node`;
const main = `${home}/dist/src/cli/main.js`;
const command = "usr/bin/tallyman";
const doc = "usr/share/doc/tallyman";
const contents = ["dist", "package.json", versions];
const npm_options = ["--omit=dev", "--ignore-scripts", "--no-bin-links", "--prefer-offline"];
/** What Node loads; nothing else of a library is needed to run. */
const loaded = /(^|\/)[^./][^/]*\.(js|cjs|mjs|json|node|wasm)$/;
/** What a library may have for its own developers. */
const not_loaded =
  /node_modules\/(@[^/]+\/)?[^/]+\/(test|tests|docs?|bench(marks?)?|examples?|\.husky)\//;

export function placeProgram(tree: FileTree, tarball: string, runtime: string): void {
  const folder = join(tree.root, home);
  mkdirSync(folder, { recursive: true });
  const packed = contents.map((each) => `package/${each}`);
  execFileSync("tar", ["-xzf", tarball, "-C", folder, "--strip-components=1", ...packed]);
  execFileSync("npm", ["ci", ...npm_options, "--silent"], { cwd: folder, stdio: "inherit" });
  tree.write(`${doc}/copyright`, copyrightFile(join(folder, "node_modules")));
  tree.copy(join(runtime, "LICENSE"), `${doc}/copyright.node`);
  prune(folder);
  tree.copy(join(runtime, "bin/node"), node);
  tree.program(node);
  // It is not for the machine's own Node, if there is one.
  const entry = join(tree.root, main);
  writeFileSync(entry, readFileSync(entry, "utf8").replace(/^#!.*\n/, ""));
  tree.write(command, `#!/bin/sh\nexec /${node} --disable-sigusr1 /${main} "$@"\n`);
  tree.program(command);
}

function prune(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const path = relative(folder, file);
    if (entry.isFile() && (!loaded.test(path) || not_loaded.test(path))) rmSync(file);
  }
  rmSync(join(folder, versions));
  execFileSync("find", [folder, "-type", "d", "-empty", "-delete"]);
}
