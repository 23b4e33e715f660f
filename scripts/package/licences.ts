/** The copyright file of the Debian packages: the licence of tallyman, and of all that is inside. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A library's own folder, not one within it. */
const library = /(^|node_modules\/)(@[^/]+\/)?[^/@]+\/package\.json$/;

/** `modules` is node_modules. */
export function copyrightFile(modules: string): string {
  const libraries = globSync("**/package.json", { cwd: modules })
    .filter((file) => library.test(file))
    .sort()
    .map((file) => licenceOf(join(modules, dirname(file))));
  return [own, ...libraries].join("\n");
}

/** Debian wants this text to be in one place alone. */
const apache = "The Apache License, Version 2.0: /usr/share/common-licenses/Apache-2.0";

const own = `tallyman, packaged by its own project.

Copyright: the authors of tallyman

Licensed under the Apache License, Version 2.0. On Debian systems, its text is in
/usr/share/common-licenses/Apache-2.0.

/usr/lib/tallyman has the Node.js that runs tallyman; copyright.node beside this file is its licence, and that of all it
contains. Libraries are there, too. Their licences follow.
`;

function licenceOf(folder: string): string {
  const facts = JSON.parse(read(join(folder, "package.json"))) as Record<string, string>;
  const { name, version, license } = facts;
  const files = readdirSync(folder).filter((each) => /^(licen[cs]e|notice)/i.test(each));
  if (files.length === 0) throw new Error(`${name} comes without its licence`);
  const texts = files.sort().map((file) => read(join(folder, file)).trim());
  const title = `${name} ${version}, licensed as ${license}`;
  return `${"-".repeat(78)}\n${title}\n\n${texts.map(shortened).join("\n\n")}\n`;
}

function shortened(text: string): string {
  if (!/^\s*Apache License\s+Version 2\.0/.test(text)) return text;
  const owners = text.match(/^ *Copyright \d{4}.*$/gm) ?? [];
  return [...owners.map((owner) => owner.trim()), apache].join("\n");
}

function read(file: string): string {
  return readFileSync(file, "utf8");
}
