/**
 * Arbitrary JSON text for property tests: any value in any legal spelling, and text that is almost JSON.
 */
import fc from "fast-check";

const spaces = fc.constantFrom("", "", "", "", " ", "\n", "\t", "\r\n", "  ");

/** Few different keys, so that paths meet them and keys repeat. */
const keys = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "b", "c", "A", "ab", "Authorization", "tôken") },
  { weight: 1, arbitrary: fc.constantFrom("", "ſ", "K", "k", "s", "__proto__", "toString", "é") },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
);

/** JSON text of a string, each character raw or in one of its escapes. */
export function spelledString(text: string, choices: readonly number[]): string {
  let spelled = '"';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    const unit = text.charCodeAt(at);
    const plain = JSON.stringify(character).slice(1, -1);
    const is_surrogate = unit >= 0xd800 && unit <= 0xdfff;
    const escaped = `\\u${unit.toString(16).padStart(4, "0")}`;
    const choice = choices.length === 0 ? 0 : choices[at % choices.length]!;
    if (choice === 1) spelled += escaped;
    else if (choice === 2) spelled += escaped.toUpperCase().replace("\\U", "\\u");
    else if (choice === 3 && character === "/") spelled += "\\/";
    else if (is_surrogate && text.isWellFormed()) spelled += character;
    else spelled += is_surrogate ? escaped : plain;
  }
  return `${spelled}"`;
}

const spelling = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }) },
);

/** Splitting a surrogate pair between raw and escaped halves would not be UTF-8: escape whole pairs. */
function safeSpelling(text: string, choices: readonly number[]): string {
  return /[\ud800-\udfff]/.test(text) ? JSON.stringify(text) : spelledString(text, choices);
}

const key_text = fc.tuple(keys, spelling).map(([key, choices]) => safeSpelling(key, choices));

const string_text = fc
  .tuple(fc.oneof(fc.string({ unit: "grapheme", maxLength: 40 }), fc.string()), spelling)
  .map(([text, choices]) => safeSpelling(text, choices));

const number_text = fc.oneof(
  fc.integer().map(String),
  fc.bigInt().map(String),
  fc.constantFrom("0", "-0", "1.0", "1e5", "1E+05", "-0.0e-1", "9007199254740993", "1e400", "0.1"),
);

const scalar_text = fc.oneof(
  string_text,
  number_text,
  fc.constantFrom("true", "false", "null", '"\\ud800"', '"\\"\\\\\\/\\b\\f\\n\\r\\t"'),
);

/** Text of a JSON value, with repeated keys, any spelling and any white space. */
export const json_text: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc
    .tuple(
      spaces,
      fc.oneof(
        { depthSize: "small", maxDepth: 5, withCrossShrink: true },
        scalar_text,
        fc
          .array(fc.tuple(spaces, key_text, spaces, tie("value")), { maxLength: 6 })
          .map((members) => `{${members.map((m) => `${m[0]}${m[1]}${m[2]}:${m[3]}`).join(",")}}`),
        fc.array(tie("value"), { maxLength: 5 }).map((items) => `[${items.join(",")}]`),
        fc
          .tuple(spaces, fc.constantFrom("{", "["))
          .map(([s, c]) => c + s + (c === "{" ? "}" : "]")),
      ),
      spaces,
    )
    .map((parts) => parts.join("")),
})).value;

/** JSON text whose top level is an object. */
export const json_object_text: fc.Arbitrary<string> = fc
  .array(fc.tuple(spaces, key_text, spaces, json_text), { maxLength: 8 })
  .map((members) => `{${members.map((m) => `${m[0]}${m[1]}${m[2]}:${m[3]}`).join(",")}}`);

/** Bytes of JSON text with a few things wrong: flipped bits, and bytes taken out, put in or repeated. */
export const damaged_json: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.oneof(json_object_text, json_text),
    json_text,
    fc.array(fc.tuple(fc.nat(3), fc.nat(10_000), fc.nat(255)), { minLength: 1, maxLength: 3 }),
  )
  .map(([text, other, damages]) => {
    let bytes = Buffer.from(text);
    for (const [kind, place, value] of damages) {
      const at = bytes.length === 0 ? 0 : place % bytes.length;
      const before = bytes.subarray(0, at);
      if (kind === 0) bytes = Buffer.concat([before, bytes.subarray(at + 1)]);
      else if (kind === 1)
        bytes = Buffer.concat([before, Buffer.from([value]), bytes.subarray(at)]);
      else if (kind === 2) bytes = Buffer.concat([before, Buffer.from(other), bytes.subarray(at)]);
      else if (bytes.length > 0) {
        bytes = Buffer.from(bytes);
        bytes[at]! ^= 1 << (value & 7);
      }
    }
    return bytes;
  });
