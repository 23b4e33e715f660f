/**
 * Every action of `redact`, with rules of all kinds together: each changes the same places, and no other byte. What the places
 * are is held by redact-rules.test.ts.
 */
import fc from "fast-check";
import { expect } from "vitest";
import type { Chain } from "../../../src/chain/chain.ts";
import { makeChain, runChain } from "../../support/events/chains.ts";
import { sampled } from "../../support/effort.ts";
import { spelledString } from "../../support/random/json-arbitraries.ts";
import { type Node, parseReference } from "../../support/random/reference-json.ts";
import { seed } from "../../support/seed.ts";

const mark = "[M]";
const hash_key = "a-key-of-this-test-only";
const github = ["ghp", "a1B2".repeat(9)].join("_");
const held = JSON.stringify({ token: "x y", b: [github, { name: "Cookie", value: "c" }] });

interface Rules {
  readonly pack: string[];
  readonly fields: string[];
  readonly keys: string[];
  readonly detect: string[];
  readonly patterns: { name: string; match: string }[];
  readonly name_value: boolean;
  readonly within: string[];
}

const any_rules: fc.Arbitrary<Rules> = fc
  .record({
    pack: fc.subarray(["http_headers", "vault"]),
    fields: fc.subarray(["Authorization", "**.t", "a.b", "list[*].secret"]),
    keys: fc.subarray(["*tok?n*", "!*_id", "secret"]),
    detect: fc.subarray(["credentials", "email"]),
    patterns: fc.subarray([{ name: "ticket", match: "TKT-[0-9]{2}" }]),
    name_value: fc.boolean(),
    within: fc.subarray(["json", "url", "base64"]),
  })
  .filter(({ pack, fields, keys, detect, patterns }) =>
    [pack, fields, keys, detect, patterns].some((each) => each.length > 0),
  );

/** A few of them, each for many records. */
const some_rules = (count: number): fc.Arbitrary<Rules> =>
  fc.constantFrom(...fc.sample(any_rules, { numRuns: count, seed }));

const names = [
  "t",
  "a",
  "b",
  "list",
  "token",
  "token_id",
  "secret",
  "Authorization",
  "Cookie",
].concat([
  "name",
  "value",
  "key",
  "auth",
  "log",
  github,
  "client_token",
  "X-Vault-Token",
  "headers",
]);
const texts = [
  "",
  "x",
  "token",
  "Authorization",
  "TKT-1",
  "a TKT-34\n TKT-56é",
  `by ${github}.`,
  "ann@example.com",
  `Bearer ${github}`,
  held,
  JSON.stringify({ log: held }),
  Buffer.from(held).toString("base64"),
  Buffer.from(`token=${github}&x=1`).toString("base64url"),
  encodeURIComponent(held),
  `https://x.example/?q=${encodeURIComponent(`TKT-78 ${github}`)}&token=${github}`,
  `{"token":"cut ${github}`,
];

const choices = fc.oneof(fc.constant([0]), fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }));
const string = (from: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...from), choices)
    .map(([text, spelling]) => spelledString(text, spelling));
const space = fc.constantFrom("", " ", "\n\t");

/** `are_distinct` where no object has a key twice, in whatever spelling. */
const json = (are_distinct: boolean): fc.Arbitrary<string> =>
  fc.letrec<{ value: string; object: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", maxDepth: 4 },
      { weight: 2, arbitrary: fc.constantFrom("1", "-0.50", "true", "null", "[]", "{}") },
      { weight: 4, arbitrary: string(texts) },
      { weight: 3, arbitrary: tie("object") },
      {
        weight: 2,
        arbitrary: fc.array(tie("value"), { maxLength: 3 }).map((all) => `[${all.join(", ")}]`),
      },
    ),
    object: fc
      .uniqueArray(fc.tuple(space, string(names), space, tie("value")), {
        maxLength: 5,
        selector: ([, key]) => JSON.parse(key) as string,
        comparator: (one, other) => are_distinct && one === other,
      })
      .map(
        (members) => `{${members.map(([a, key, b, value]) => `${a}${key}${b}:${value}`).join()}}`,
      ),
  })).object;

const actions = {
  mask: {},
  hash: { key: hash_key },
  partial: {},
  truncate: { length: 3 },
  remove: {},
} as const;

type Action = keyof typeof actions;

/** To compile the rules takes longer than to run a hundred records through them. */
const chains = new Map<string, Promise<Chain>>();

function chainOf(own: Rules, action: Action): Promise<Chain> {
  const key = JSON.stringify([own, action]);
  const chain = chains.get(key) ?? compiled(own, action);
  chains.set(key, chain);
  return chain;
}

function compiled(own: Rules, action: Action): Promise<Chain> {
  return makeChain([{ redact: { ...own, with: mark, action, ...actions[action] } }]);
}

function redacted(chain: Chain, record: string): string {
  const { outcome, text } = runChain(chain, record);
  expect(outcome).toBe("kept");
  JSON.parse(text);
  return text;
}

/** A part of the record, and what was written for it. */
interface Edit {
  readonly place: string;
  readonly from: { start: number; end: number };
  readonly to: { start: number; end: number };
}

/** Where two texts of JSON differ: in keys and in values. */
function editsOf(record: string, written: string): Edit[] {
  const found: Edit[] = [];
  const differs = (from: Edit["from"], to: Edit["to"]): boolean =>
    record.slice(from.start, from.end) !== written.slice(to.start, to.end);
  const compare = (one: Node, other: Node, place: string): void => {
    const is_alike =
      one.members?.length === other.members?.length && one.items?.length === other.items?.length;
    if (is_alike) {
      for (const [at, { value, key_start, key_end }] of (one.members ?? []).entries()) {
        const theirs = other.members![at]!;
        const from = { start: key_start!, end: key_end! };
        const to = { start: theirs.key_start!, end: theirs.key_end! };
        if (differs(from, to)) found.push({ place: `${place}/key ${at}`, from, to });
        compare(value, theirs.value, `${place}/${at}`);
      }
      for (const [at, item] of (one.items ?? []).entries()) {
        compare(item, other.items![at]!, `${place}/${at}`);
      }
      if (one.members !== undefined || one.items !== undefined) return;
    }
    if (differs(one, other)) found.push({ place, from: one, to: other });
  };
  compare(parseReference(record), parseReference(written), "");
  return found;
}

/** What is not in any of the parts. */
function outside(text: string, parts: readonly Edit["from"][]): string {
  let at = 0;
  const pieces = parts.map(({ start, end }) => {
    const piece = text.slice(at, start);
    at = end;
    return piece;
  });
  return [...pieces, text.slice(at)].join("\0");
}

const name = "redact actions - all change the same places, and no other byte";
sampled(name, { sample: 50, all: 800 }, async (runs) => {
  await fc.assert(
    fc.asyncProperty(json(false), some_rules(Math.ceil(runs / 25)), async (record, own) => {
      const masking = await chainOf(own, "mask");
      const masked = redacted(masking, record);
      const places = editsOf(record, masked).map(({ place }) => place);
      for (const action of ["mask", "hash", "partial", "truncate"] as const) {
        const written = redacted(await chainOf(own, action), record);
        const edits = editsOf(record, written);
        expect(
          edits.map(({ place }) => place),
          action,
        ).toEqual(places);
        expect(
          outside(
            written,
            edits.map(({ to }) => to),
          ),
          action,
        ).toBe(
          outside(
            record,
            edits.map(({ from }) => from),
          ),
        );
        if (action !== "partial")
          expect(written.includes(github), action).toBe(masked.includes(github));
      }
      expect(redacted(masking, masked), "once more").toBe(masked);
    }),
    { numRuns: runs },
  );
});

/** What a mask says was there is gone, or null as a value that has its name beside it. */
function withoutMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((each) => each !== mark).map(withoutMarks);
  if (typeof value === "string" && /^[[{]/.test(value) && value !== mark) {
    try {
      return { held: withoutMarks(JSON.parse(value)) };
    } catch {
      return value;
    }
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== mark);
  return Object.fromEntries(entries.map(([key, each]) => [key, withoutMarks(each)]));
}

const removing = "redact actions - remove leaves nothing where mask leaves its mark, and all else";
sampled(removing, { sample: 50, all: 800 }, async (runs) => {
  await fc.assert(
    fc.asyncProperty(json(true), some_rules(Math.ceil(runs / 25)), async (record, own) => {
      const by_path = { ...own, pack: [], detect: [], patterns: [], name_value: false, within: [] };
      fc.pre(own.fields.length + own.keys.length > 0);
      const masked = redacted(await chainOf(by_path, "mask"), record);
      const removed = redacted(await chainOf(by_path, "remove"), record);
      expect(withoutMarks(JSON.parse(removed))).toEqual(withoutMarks(JSON.parse(masked)));
      expect(removed).not.toMatch(/(?<!\\)"\[M\]"/);
    }),
    { numRuns: runs },
  );
});
