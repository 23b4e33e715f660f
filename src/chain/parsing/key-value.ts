/** Pairs of keys and values in a text: `user=bob msg="logged in"`. */
import { type Fields, fields_max, matchAt, noFields } from "./fields.ts";

const key = /[^\s="']+(?==)/y;
const word = /\S+/y;
const quoted_value = /"((?:[^"\\]|\\.)*)"(?=[\s,;]|$)|'([^']*)'(?=[\s,;]|$)/sy;
const gap = /[\s,;]*/y;

/** Parses `user=bob msg="logged in"`; words that are no pairs are in `unparsed`. */
export function parseKeyValue(text: string): Fields | undefined {
  const fields = noFields();
  const others: string[] = [];
  let count = 0;
  for (let at = gapEnd(text, 0); at < text.length; at = gapEnd(text, at)) {
    const name = matchAt(key, text, at)?.[0];
    if (name === undefined) {
      const other = matchAt(word, text, at)![0];
      others.push(other);
      at += other.length;
      continue;
    }
    at += name.length + 1;
    const quoted = matchAt(quoted_value, text, at);
    const bare = quoted === null ? (matchAt(word, text, at)?.[0] ?? "") : undefined;
    at += (quoted?.[0] ?? bare!).length;
    add(
      fields,
      name,
      bare?.replace(/[,;]$/, "") ?? quoted![2] ?? quoted![1]!.replaceAll(/\\(["\\])/g, "$1"),
    );
    count += 1;
    if (count > fields_max) return undefined;
  }
  if (count === 0) return undefined;
  if (others.length > 0) add(fields, "unparsed", others.join(" "));
  return fields;
}

function gapEnd(text: string, at: number): number {
  return at + matchAt(gap, text, at)![0].length;
}

/** Adds a field; one that is repeated becomes a list, so that no value hides another. */
function add(fields: Fields, name: string, value: string): void {
  const known = fields[name];
  if (known === undefined) fields[name] = value;
  else if (Array.isArray(known)) known.push(value);
  else fields[name] = [known, value];
}
