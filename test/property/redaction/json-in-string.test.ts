/**
 * Secrets in JSON that stands in strings, in each other and in any spelling: none leaves, all else is as it was, and
 * outside of the strings that held one every byte is.
 */
import fc from "fast-check";
import { expect } from "vitest";
import { makeChain, runChain } from "../../support/events/chains.ts";
import { sampled } from "../../support/effort.ts";
import { json_text, spelledString } from "../../support/random/json-arbitraries.ts";
import { parseReference, type Node } from "../../support/random/reference-json.ts";

const secret = "S3CR3Tvalue";
const mark = "[REDACTED]";
/** Strings in each other that are looked into; deeper ones are masked as text. */
const strings_max = 2;

const choices = fc.oneof(fc.constant([0]), fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }));

const key = fc
  .tuple(fc.constantFrom("a", "b", "log", "Authorization", "x.Authorization", "é"), choices)
  .map(([name, spelling]) => spelledString(name, spelling));

const around = fc.constantFrom("", "\n", " ", "\r\n\t");

/** JSON text, of which some members hold the secret, and some strings hold such text. */
const nested: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "medium", maxDepth: 6 },
    { weight: 2, arbitrary: json_text },
    { weight: 3, arbitrary: tie("object") },
    {
      weight: 1,
      arbitrary: fc.array(tie("value"), { maxLength: 3 }).map((all) => `[${all.join()}]`),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(tie("object"), around, around, choices)
        .map(([text, before, after, spelling]) => spelled(`${before}${text}${after}`, spelling)),
    },
  ),
  object: fc
    .array(fc.oneof(fc.tuple(key, tie("value")), fc.tuple(key, fc.constant(`"${secret}"`))), {
      maxLength: 4,
    })
    .map((members) => `{${members.map((each) => safe(each)).join()}}`),
})).object;

/** The secret stands nowhere but under its key. */
function safe([name, value]: [string, string]): string {
  const is_secret = (JSON.parse(name) as string).endsWith("Authorization");
  return `${name}:${value === `"${secret}"` && !is_secret ? "1" : value}`;
}

function spelled(text: string, spelling: readonly number[]): string {
  return /[\ud800-\udfff]/.test(text) ? JSON.stringify(text) : spelledString(text, spelling);
}

/** What a record holds, with what its strings hold, and with `mark` in the place of secrets. */
function contentOf(text: string, node: Node, depth = 0): unknown {
  if (node.items) return node.items.map((item) => contentOf(text, item, depth));
  if (node.members) {
    return node.members.map(({ key: name, value }) => {
      return [name, name.endsWith("Authorization") ? mark : contentOf(text, value, depth)];
    });
  }
  const own = text.slice(node.start, node.end);
  const held = own.startsWith('"') ? (JSON.parse(own) as string) : "";
  if (!beginsLikeJson(held)) return own;
  if (depth === strings_max || !isJson(held)) return "text";
  return { held: contentOf(held, parseReference(held), depth + 1) };
}

/** The record's own bytes, without secrets and the strings that may hold some. */
function skeletonOf(text: string, node: Node): string {
  const out: [number, number][] = [];
  const visit = ({ start, end, items, members }: Node): void => {
    for (const item of items ?? []) visit(item);
    for (const { key: name, value } of members ?? []) {
      if (name.endsWith("Authorization")) out.push([value.start, value.end]);
      else visit(value);
    }
    const own = text.slice(start, end);
    if (own.startsWith('"') && beginsLikeJson(JSON.parse(own) as string)) out.push([start, end]);
  };
  visit(node);
  let at = 0;
  const parts = out.map(([start, end]) => {
    const part = text.slice(at, start);
    at = end;
    return part;
  });
  return [...parts, text.slice(at)].join("§");
}

function beginsLikeJson(held: string): boolean {
  return /^[\s\0-\x20"\\\x7f-\x9f]*[{[]/.test(held);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const changes = "json in strings - no secret leaves, and nothing else changes";
sampled(changes, { sample: 150, all: 5000 }, async (runs) => {
  const chain = await makeChain([{ redact: { fields: ["**.Authorization"] } }]);
  fc.assert(
    fc.property(nested, (record) => {
      const { outcome, text } = runChain(chain, record);
      expect(outcome).toBe("kept");
      let decoded = text;
      for (let level = 0; level < 8; level += 1) {
        expect(decoded).not.toContain(secret);
        decoded = decoded.replaceAll(
          /\\u([0-9a-fA-F]{4})|\\(.)/g,
          (_, hex: string, other: string) =>
            hex === undefined ? other : String.fromCharCode(Number.parseInt(hex, 16)),
        );
      }
      const [before, after] = [parseReference(record), parseReference(text)];
      expect(contentOf(text, after)).toEqual(contentOf(record, before));
      expect(skeletonOf(text, after)).toBe(skeletonOf(record, before));
    }),
    { numRuns: runs },
  );
});
