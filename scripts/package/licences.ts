/** The copyright file of the Debian packages: the licence of tallyman, and of all that is inside. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A library's own folder, not one within it. */
const library = /(^|node_modules\/)(@[^/]+\/)?[^/@]+\/package\.json$/;

/** The Apache License from its title to its end; what goes before and after is the library's own. */
const apache_text =
  /^ *Apache License\n *Version 2\.0, January 2004\n[^]*?(?:^ *END OF TERMS AND CONDITIONS$)/m;
const apache_place = `Licensed under the Apache License, Version 2.0. On Debian systems, its text is in
/usr/share/common-licenses/Apache-2.0.`;

/** `modules` is node_modules. */
export function copyrightFile(modules: string): string {
  const libraries = globSync("**/package.json", { cwd: modules })
    .filter((file) => library.test(file))
    .sort()
    .map((file) => licenceOf(join(modules, dirname(file))));
  return [own, ...libraries].join("\n");
}

const own = `tallyman, packaged by its own project.

Copyright: the authors of tallyman

${apache_place}

/usr/lib/tallyman has the Node.js that runs tallyman; copyright.node beside this file is its licence, and that of all it
contains. Libraries are there, too. Their licences follow.
`;

function licenceOf(folder: string): string {
  const facts = JSON.parse(read(join(folder, "package.json"))) as Record<string, string>;
  const { name, version, license } = facts;
  const [file] = readdirSync(folder).filter((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${name} comes without its licence`);
  const title = `${name} ${version}, licensed as ${license}`;
  return `${"-".repeat(78)}\n${title}\n\n${withoutApache(read(join(folder, file))).trim()}\n`;
}

/** What every Debian system has is not to be said again, by its policy; who holds the copyright is. */
function withoutApache(text: string): string {
  return text.replace(apache_text, apache_place);
}

function read(file: string): string {
  return readFileSync(file, "utf8");
}
