/**
 * The text mask on JSON that was broken: wherever it breaks, no part of a secret is left, as long as the name
 * of the secret is there. On JSON that was not broken, the result is JSON.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { textMask } from "../../../src/chain/masking/text-mask.ts";
import { sampled } from "../../support/effort.ts";
import { grammar, names } from "../../support/secrets/mask-grammar.ts";

const secret = "S3CR3T-vALUE-QzXjKwVyHq";
const mask = textMask([{ name: "password", replacement: "***" }], "***");

/** No six characters of it in a row. */
function expectGone(text: string): void {
  for (let at = 0; at + 6 <= secret.length; at += 1) {
    expect(text).not.toContain(secret.slice(at, at + 6));
  }
}

/** The name, each character plain, in the other case, or escaped. */
const spelling = fc
  .array(fc.constantFrom("plain", "upper", "escaped"), { minLength: 8, maxLength: 8 })
  .map((ways) =>
    Array.from("password")
      .map((character, at) => {
        if (ways[at] === "upper") return character.toUpperCase();
        if (ways[at] === "plain") return character;
        return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
      })
      .join(""),
  );

const secretValue = fc.constantFrom(
  `"${secret}"`,
  ` "${secret}" `,
  `"\\"${secret}"`,
  `["${secret}"]`,
  `{"x":["${secret}",1]}`,
  `{"password":"${secret}"}`,
);

const filler = fc.constantFrom('"a":1', '"b":"x, y"', '"c":[1,{"d":null}]', '"e":"\\"q\\": z"');

/** A record, and where in it the part stands that has to stay whole: the name up to its closing quote. */
const record = fc
  .tuple(
    fc.array(filler, { maxLength: 3 }),
    spelling,
    secretValue,
    fc.array(filler, { maxLength: 3 }),
  )
  .map(([before, name, value, after]) => {
    const head = `{${[...before, ""].join(",")}`;
    return {
      text: `${head}"${name}":${value}${["", ...after].join(",")}}`,
      keep_from: head.length + 1,
      keep_to: head.length + 2 + name.length,
    };
  });

const mutation = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom("delete", "insert", "replace", "cut"),
  character: fc.constantFrom(...Array.from("\"'\\,:{}[]= x1\n;&<>")),
});

sampled(
  "text mask - no part of a secret survives in JSON that is broken somewhere",
  { sample: 100, all: 5000 },
  (runs) => {
    fc.assert(
      fc.property(record, fc.array(mutation, { maxLength: 2 }), ({ text, ...keep }, mutations) => {
        let broken = text;
        let { keep_from, keep_to } = keep;
        for (const { at, kind, character } of mutations) {
          const place = at % broken.length;
          if (place >= keep_from - 1 && place <= keep_to) continue;
          if (kind === "cut" && place < keep_to) continue;
          const rest = kind === "insert" ? broken.slice(place) : broken.slice(place + 1);
          const put = kind === "delete" || kind === "cut" ? "" : character;
          broken = broken.slice(0, place) + put + (kind === "cut" ? "" : rest);
          const shift = place < keep_from ? put.length - (kind === "insert" ? 0 : 1) : 0;
          keep_from += shift;
          keep_to += shift;
        }
        expectGone(mask(broken));
      }),
      { numRuns: runs },
    );
  },
);

sampled("text mask - strict JSON stays strict JSON", { sample: 120, all: 3000 }, (runs) => {
  fc.assert(
    fc.property(record, fc.jsonValue(), ({ text }, other) => {
      for (const each of [
        text,
        JSON.stringify({ other, text }),
        JSON.stringify([text, "password", other]),
      ]) {
        const masked = mask(each);
        expect(() => JSON.parse(masked) as unknown).not.toThrow();
        expectGone(masked);
      }
    }),
    { numRuns: runs },
  );
});

test("text mask - takes any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(mask(`password=${secret} ${text}`)).not.toContain(secret);
      expect(mask(text)).toEqual(expect.any(String));
    }),
  );
});

const of_all_names = textMask(
  names.map((name) => ({ name, replacement: "***" })),
  "***",
);

/** What may be taken for the structure of a text, though it stands inside a string. */
const structure = Array.from(":,\\\"'“’ {}[]=").concat("\\u0022", "://", "%22", "&quot;");
const string_of_words = fc
  .oneof(
    fc.array(fc.constantFrom(...grammar), { maxLength: 8 }),
    fc.array(fc.constantFrom(...structure, ...names, "value"), { maxLength: 6 }),
  )
  .map((words) => words.join(""));

sampled(
  "text mask - strict JSON stays strict JSON, whatever words stand in its strings",
  { sample: 200, all: 200_000 },
  (runs) => {
    const string = string_of_words;
    const key = fc.oneof(string, fc.constantFrom("name", "value", ...names));
    const value = fc.oneof(string, fc.nat(), fc.constantFrom(null, true, ...names));
    const array = fc.array(value, { maxLength: 5 });
    const object = fc.dictionary(key, fc.oneof(value, array), { maxKeys: 4 });
    fc.assert(
      fc.property(fc.oneof(object, array), value, (container, other) => {
        const masked = of_all_names(JSON.stringify([container, other]));
        expect(() => JSON.parse(masked) as unknown).not.toThrow();
      }),
      { numRuns: runs },
    );
  },
);

sampled(
  "text mask - the value of a name in strict JSON is gone, whatever words stand around the secret",
  { sample: 150, all: 50_000 },
  (runs) => {
    const shapes = {
      list: (name: string, value: string) => [name, value],
      member: (name: string, value: string) => ({ [name]: value, z: 1 }),
      pair: (name: string, value: string) => [{ name, value }],
      nested: (name: string, value: string) => ({ a: { [name]: [value, { b: value }] } }),
      inner: (name: string, value: string) => ({ log: JSON.stringify({ [name]: value, x: 1 }) }),
    };
    const shape = fc.constantFrom(...Object.values(shapes));
    // Not a name that is a sign, or part of other words.
    const name = fc.constantFrom(...names.filter((each) => each.length > 3));
    fc.assert(
      fc.property(shape, name, string_of_words, string_of_words, (of, key, before, after) => {
        const masked = of_all_names(JSON.stringify(of(key, before + secret + after)));
        expect(() => JSON.parse(masked) as unknown).not.toThrow();
        expect(masked).not.toContain(secret);
      }),
      { numRuns: runs },
    );
  },
);
