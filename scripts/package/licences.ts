/** The copyright file of the Debian packages: the licence of tallyman, and of all that is inside. */
import { describeLicence, type PackageInside } from "../bundle/inside.ts";

export function copyrightFile(packages: readonly PackageInside[]): string {
  return [own, ...packages.map((each) => describeLicence(each, each.texts.map(shortened)))].join(
    "\n",
  );
}

/** Debian wants this text to be in one place alone. */
const apache = "The Apache License, Version 2.0: /usr/share/common-licenses/Apache-2.0";

const own = `tallyman, packaged by its own project.

Copyright: the authors of tallyman

Licensed under the Apache License, Version 2.0. On Debian systems, its text is in
/usr/share/common-licenses/Apache-2.0.

/usr/lib/tallyman has the Node.js that runs tallyman; copyright.node beside this file is its licence, and that of all it
contains. The program has code of libraries inside. Their licences follow.
`;

function shortened(text: string): string {
  if (!/^\s*Apache License\s+Version 2\.0/.test(text)) return text;
  const owners = text.match(/^ *Copyright \d{4}.*$/gm) ?? [];
  return [...owners.map((owner) => owner.trim()), apache].join("\n");
}
