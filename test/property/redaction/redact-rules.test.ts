/**
 * Random records and rules: what `redact` makes of a record is what "parse, redact, stringify" makes of it, and all bytes
 * outside of what is replaced are as they were.
 */
import fc from "fast-check";
import { expect } from "vitest";
import { makeChain, runChain } from "../../support/events/chains.ts";
import { sampled } from "../../support/effort.ts";
import { spelledString } from "../../support/random/json-arbitraries.ts";
import { type Node, parseReference } from "../../support/random/reference-json.ts";

const mark = "[M]";
const strings_max = 2;

interface Rules {
  /** Names whose values are secret at any place. */
  readonly fields: readonly string[];
  readonly keys: readonly string[];
  readonly pattern: RegExp | undefined;
  readonly name_value: boolean;
}

const rules: fc.Arbitrary<Rules> = fc.record({
  fields: fc.subarray(["Authorization", "t", "é"]),
  keys: fc.subarray(["*tok?n*", "!*_id", "a*", "secret"]),
  pattern: fc.constantFrom(undefined, /TKT-\d\d/g),
  name_value: fc.boolean(),
});

const choices = fc.oneof(fc.constant([0]), fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }));
const names = [
  "t",
  "T",
  "token",
  "my.token",
  "Token_id",
  "tokyn",
  "secret",
  "Authorization",
  "é",
  "name",
  "value",
  "Value",
  "key",
  "b",
  "apple",
  "x TKT-12",
  "log",
];
const texts = [
  "",
  "x",
  "token",
  "authorization",
  "secret",
  "TKT-1",
  "TKT-12",
  "a TKT-34\n TKT-56é",
];
const string = (from: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...from), choices)
    .map(([text, spelling]) => spelledString(text, spelling));
const space = fc.constantFrom("", " ", "\n\t");

/** JSON text, of which strings hold such text, too: `depth` strings in each other at most. */
function json(depth: number): fc.Arbitrary<string> {
  return fc.letrec<{ value: string; object: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", maxDepth: 4 },
      { weight: 2, arbitrary: fc.constantFrom("1", "-0.50", "true", "false", "null", "[]", "{}") },
      { weight: 3, arbitrary: string(texts) },
      { weight: 3, arbitrary: tie("object") },
      {
        weight: 1,
        arbitrary: fc.array(tie("value"), { maxLength: 3 }).map((all) => `[${all.join(", ")}]`),
      },
      ...(depth === 0
        ? []
        : [
            {
              weight: 1,
              arbitrary: fc
                .tuple(json(depth - 1), choices)
                .map(([text, spelling]) => spelledString(text, spelling)),
            },
          ]),
    ),
    object: fc
      .array(fc.tuple(space, string(names), space, tie("value")), { maxLength: 4 })
      .map(
        (members) => `{${members.map(([a, key, b, value]) => `${a}${key}${b}:${value}`).join()}}`,
      ),
  })).object;
}

/** What takes the place of a part of a text: a string that holds this. */
interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

class Model {
  readonly #rules: Rules;

  constructor(own: Rules) {
    this.#rules = own;
  }

  changes(text: string, node: Node, depth = 0): Change[] {
    const { start, end, members, items } = node;
    if (items !== undefined) return items.flatMap((item) => this.#ofItem(text, item, depth));
    if (members !== undefined) return this.#ofMembers(text, members, depth);
    if (text[start] !== '"') return [];
    return this.#ofString(text, start, end, depth);
  }

  /** An item of a list, which may be a pair of a name and its value: a third item may say more of it. */
  #ofItem(text: string, item: Node, depth: number): Change[] {
    const [name, value, ...more] = item.items ?? [];
    const is_pair = this.#rules.name_value && value !== undefined && more.length <= 1;
    if (!is_pair || text[name!.start] !== '"') return this.changes(text, item, depth);
    const isNamed = this.#isSecretName(JSON.parse(text.slice(name!.start, name!.end)) as string);
    if (!isNamed) return this.changes(text, item, depth);
    const { start, end } = value;
    const others = more.flatMap((other) => this.#ofItem(text, other, depth));
    return [...this.changes(text, name!, depth), { start, end, text: mark }, ...others];
  }

  #ofMembers(text: string, members: NonNullable<Node["members"]>, depth: number): Change[] {
    const { name_value } = this.#rules;
    const isNamed = members.some(({ key, value }) => {
      if (!["name", "key"].includes(key.toLowerCase()) || text[value.start] !== '"') return false;
      // A name that is masked itself is still the name that was there.
      return this.#isSecretName(JSON.parse(text.slice(value.start, value.end)) as string);
    });
    return members.flatMap(({ key, value, key_start, key_end }) => {
      const own = this.#ofString(text, key_start!, key_end!, strings_max);
      const is_value = name_value && isNamed && key.toLowerCase() === "value";
      const literal = text.slice(value.start, value.end);
      const is_trivial = ["true", "false", "null"].includes(literal);
      const is_secret = this.#isField(key) || (this.#isKey(key) && !is_trivial);
      if (is_secret || is_value) {
        return [...own, { start: value.start, end: value.end, text: mark }];
      }
      return [...own, ...this.changes(text, value, depth)];
    });
  }

  #ofString(text: string, start: number, end: number, depth: number): Change[] {
    const decoded = JSON.parse(text.slice(start, end)) as string;
    const changed = this.#textOf(decoded, depth);
    return changed === decoded ? [] : [{ start, end, text: changed }];
  }

  #textOf(decoded: string, depth: number): string {
    if (/^[{[]/.test(decoded) && depth < strings_max) {
      const inner = this.changes(decoded, parseReference(decoded), depth + 1);
      let at = 0;
      const pieces = inner.map((change) => {
        const before = decoded.slice(at, change.start);
        at = change.end;
        return before + JSON.stringify(change.text);
      });
      return pieces.join("") + decoded.slice(at);
    }
    const { pattern } = this.#rules;
    return pattern === undefined ? decoded : decoded.replaceAll(pattern, mark);
  }

  #isField(key: string): boolean {
    return this.#rules.fields.some((name) => parts(key).includes(name));
  }

  #isKey(key: string): boolean {
    const lower = key.toLowerCase();
    const isOne = (glob: string, name: string): boolean => {
      if (glob === "*tok?n*") return /tok.n/.test(name) && !this.#isException(name);
      if (glob === "a*") return name.startsWith("a") && !this.#isException(name);
      return glob === name;
    };
    return this.#rules.keys.some(
      (glob) => isOne(glob, lower) || parts(lower).some((part) => isOne(glob, part)),
    );
  }

  #isException(name: string): boolean {
    return this.#rules.keys.includes("!*_id") && name.endsWith("_id");
  }

  #isSecretName(name: string): boolean {
    const lower = name.toLowerCase();
    return this.#isKey(lower) || this.#rules.fields.some((field) => field.toLowerCase() === lower);
  }
}

function parts(key: string): string[] {
  return key.split(".");
}

/** As JSON, with all spellings resolved, also in strings that hold JSON. */
function canonical(text: string): unknown {
  const of = (node: Node, own: string): unknown => {
    if (node.items !== undefined) return node.items.map((item) => of(item, own));
    if (node.members !== undefined) {
      return { members: node.members.map(({ key, value }) => [key, of(value, own)]) };
    }
    const raw = own.slice(node.start, node.end);
    if (!raw.startsWith('"')) return { raw };
    const held = JSON.parse(raw) as string;
    return /^[{[](?!M\])/.test(held) ? { held: canonical(held) } : held;
  };
  return of(parseReference(text), text);
}

const string_there = /"(?:[^"\\]|\\.)*"/sy;

/** Goes over what was written: bytes between the changes are as they were, and each change is a string of its text. */
function expectOnly(changes: readonly Change[], record: string, written: string): void {
  let [from, at] = [0, 0];
  for (const { start, end, text } of changes) {
    const kept = record.slice(from, start);
    expect(written.slice(at, at + kept.length)).toBe(kept);
    string_there.lastIndex = at + kept.length;
    const found = string_there.exec(written)?.[0] ?? "";
    const held = JSON.parse(found) as string;
    if (/^[{[](?!M\])/.test(text)) expect(canonical(held)).toEqual(canonical(text));
    else expect(held).toBe(text);
    at = string_there.lastIndex;
    from = end;
  }
  expect(written.slice(at)).toBe(record.slice(from));
}

const name = "redact rules - do what parsing, redacting and writing does, and change no other byte";
sampled(name, { sample: 60, all: 6000 }, async (runs) => {
  await fc.assert(
    fc.asyncProperty(json(strings_max), rules, async (record, own) => {
      const { fields, keys, pattern, name_value } = own;
      const patterns = pattern === undefined ? [] : [{ name: "p", match: pattern.source }];
      fc.pre(fields.length + keys.length + patterns.length > 0);
      const options = { fields: fields.map((each) => `**.${each}`), keys, patterns, name_value };
      const chain = await makeChain([{ redact: { ...options, with: mark } }]);
      const { outcome, text } = runChain(chain, record);
      expect(outcome).toBe("kept");
      expectOnly(new Model(own).changes(record, parseReference(record)), record, text);
    }),
    { numRuns: runs },
  );
});
