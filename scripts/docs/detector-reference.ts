/** docs/rules/detectors.md: every detector, and every pack, from their definitions. */
import type { Detector } from "../../src/detectors/contract/detector.ts";
import { key_rules } from "../../src/detectors/credentials/key-rules.ts";
import type { Pack } from "../../src/detectors/packs/pack.ts";
import { detectors } from "../../src/detectors/table.ts";

const preface = `<!-- Generated from src/detectors/ and packs/ by \`npm run docs\`. Do not edit. -->

# Detectors and packs

A detector finds secrets of one kind in texts, by what they look like. It begins where the issuer's prefix or a name stands, and takes
the whole run of characters of which such tokens consist. No length is fixed, since issuers make their tokens longer without a
word; a checksum that is wrong releases nothing. In the examples \`x\` is what is secret.

`;

const groups: Readonly<Record<string, string>> = {
  credentials: "What authenticates.",
  identifiers: "What tells who somebody is, and authenticates nobody.",
  personal: "What is about people. Checksums tell it from ids and times.",
  entropy: "For reports alone: a person has to look at what is found, and nothing of it is masked.",
};

const before_keys = `## Keys

Some secrets look like nothing in particular. They are known by the names of their keys, in any case, at any depth, as long as the
detector is in use. \`*\` stands for any characters. Values that are \`true\`, \`false\`, \`null\`, empty, masked before, or one of Vault's
\`hmac-sha256:…\` are kept.

`;

const before_packs = `## Packs

A pack is a list of what is secret in the logs of one kind: paths, keys and detectors. Packs are files in the folder \`packs\` of the
installation (\`/usr/lib/tallyman/packs\` of the Debian package). To change one, copy it, and give the path of the copy instead of the name. Each has samples,
with what becomes of them.

`;

/** The page. The packs are those that ship. */
export function detectorReference(packs: readonly Pack[]): string {
  const sections = Object.entries(groups).map(([group, about]) => {
    const rows = detectors.filter((each) => each.group === group).map(rowOf);
    return `## \`${group}\`\n\n${about}\n\n| id | what it finds | example | what \`partial\` keeps |\n| --- | --- | --- | --- |\n${rows.join("")}\n`;
  });
  const keys = key_rules.map((rule) => {
    const except = rule.except.length === 0 ? "" : `, but not ${list(rule.except)}`;
    return `- **\`${rule.detector}\`**: ${list(rule.keys)}${except}\n`;
  });
  const rows = packs.map(({ name, version, description }) => {
    return `| [\`${name}\`](../../packs/${name}.yaml) | ${version} | ${description} |\n`;
  });
  const table = `| pack | version | what it masks |\n| --- | --- | --- |\n${rows.join("")}`;
  return [preface, ...sections, before_keys, ...keys, "\n", before_packs, table].join("");
}

function rowOf({ id, finds, example, keeps = "" }: Detector): string {
  return `| \`${id}\` | ${finds} | \`${example}\` | ${keeps} |\n`;
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
