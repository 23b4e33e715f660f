/** docs/rules/detectors.md: every detector, and every pack, from their definitions. */
import type { Detector } from "../../src/detectors/contract/detector.ts";
import { key_rules } from "../../src/detectors/credentials/key-rules.ts";
import type { Pack } from "../../src/detectors/packs/pack.ts";
import { detectors } from "../../src/detectors/table.ts";

const preface = `<!-- Generated from src/detectors/ and packs/ by \`npm run docs\`. Do not edit. -->

# Detectors and packs

A detector finds secrets of one kind in texts, by what they look like. It looks for the issuer's prefix or for a name, and takes all
characters after it that such a token can contain. The length of tokens is not checked, since issuers make them longer without notice.
A token whose checksum is wrong is found, too. In the examples, \`x\` stands for the secret.

`;

const groups: Readonly<Record<string, string>> = {
  credentials: "Secrets that authenticate somebody.",
  identifiers: "Names and ids that say who somebody is, but do not authenticate.",
  personal:
    "Data about people. Check digits distinguish card and account numbers from ids and times.",
  entropy: "Only for reports: a person has to look at what is found; it is not masked.",
};

const before_keys = `## Keys

Some secrets have no special form. Detectors recognise them by the names of their keys, in upper or lower case and at any depth. \`*\`
stands for any characters. These values are kept: \`true\`, \`false\`, \`null\`, empty text, values that are already masked, and Vault's
\`hmac-sha256:…\`.

`;

const before_packs = `## Packs

A pack is a list of what is secret in the logs of one kind: paths, keys and detectors. Packs are files in the folder \`packs\` of the
installation (\`/usr/lib/tallyman/packs\` of the Debian package). To change one, copy it, and give the path of the copy instead of the
name. Each pack contains sample events, and what they look like after masking.

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
