/** Packed values are what they were as JSON, whatever they are, and small where they are alike. */
import { createHash, randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonPacker } from "../../../../src/platform/packing/json-packer.ts";

/** Texts of the kinds that have a short form, and those that nearly do. */
const special = fc.oneof(
  fc.uuid(),
  fc
    .tuple(fc.uuid(), fc.nat(35), fc.constantFrom("-", "0", "g", "A", "é"))
    .map(([id, at, other]) => {
      return id.slice(0, at) + other + id.slice(at + 1);
    }),
  fc.string({ unit: fc.nat(15).map((digit) => digit.toString(16)) }),
  fc.bigInt({ min: 0n, max: 2n ** 65n }).map(String),
  fc.tuple(fc.maxSafeNat(), fc.maxSafeNat()).map(([a, b]) => `${a}:${b}`),
  fc.constantFrom("/", "//", "/a", "a/", "/a/b", "/a/b/", "", "__proto__", "\ud800", "/\ud800/x"),
  fc.array(fc.constantFrom("logs", "audit", "0.log", "é", "x y"), { minLength: 1 }).map((names) => {
    return `/${names.join("/")}`;
  }),
  fc.string({ unit: "binary" }),
);
const value = fc.jsonValue({ maxDepth: 3 });
const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: "small" },
    value,
    special,
    fc.maxSafeInteger(),
    fc.double(),
    fc.array(tie("node"), { maxLength: 6 }),
    fc.dictionary(special, tie("node"), { maxKeys: 6 }),
  ),
})).node;

const json = (what: unknown): unknown => JSON.parse(JSON.stringify(what));

/** The bytes of a value whose JSON this is; undefined where it has to be parsed, or anything follows it. */
function packedText(packer: JsonPacker, text: string): Buffer | undefined {
  const bytes = Buffer.from(`#${text}`);
  const packed = packer.packList(1, (list) => {
    return list.addText(bytes, 1) === bytes.length ? true : undefined;
  });
  return packed && firstOf(Buffer.from(packed));
}

/** The bytes of the one item of a list. */
function firstOf(list: Buffer): Buffer {
  return list.subarray(2);
}

describe("packed JSON", () => {
  it("is what it was, among others of one packer", () => {
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 20 }), (values) => {
        const packer = new JsonPacker();
        const packed = values.map((each) => Buffer.from(packer.pack(each)));
        const unpacked = packed.map((bytes) => packer.unpack(bytes));
        expect(unpacked.map((each) => JSON.stringify(each))).toEqual(
          values.map((each) => JSON.stringify(json(each))),
        );
      }),
    );
  });

  it("is the same where its text is packed, or that has to be parsed", () => {
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 20 }), (values) => {
        const packer = new JsonPacker();
        for (const each of values) {
          const text = JSON.stringify(each);
          const packed = packedText(packer, text);
          // Escapes are for the parser, as are keys that are no ASCII.
          if (packed === undefined) expect(text).toMatch(/\\|[^ -~]|"__proto__"/);
          else expect(JSON.stringify(packer.unpack(packed))).toBe(text);
        }
      }),
    );
  });

  it("is never taken from what is no JSON, or not written as it is here", () => {
    const packer = new JsonPacker();
    const texts = [
      "",
      "{",
      "[",
      '"',
      '"a',
      "[1",
      "[1,",
      "[1 ]",
      "[,]",
      "{}x",
      '{"a"}',
      '{"a":}',
      "-",
      "01",
      "1.",
      ".5",
    ];
    const others = [
      "1e",
      "tru",
      "nul",
      "NaN",
      "+1",
      "--1",
      '{"a":1,}',
      "{a:1}",
      "'a'",
      '"\t"',
      "[1]2",
      '{"a":1"b":2}',
      "0x1",
    ];
    for (const text of [...texts, ...others, "[".repeat(100_000)])
      expect(packedText(packer, text)).toBeUndefined();
    for (const text of [
      "0",
      "-0",
      "-1.5e-7",
      "123456789012345678",
      "1e999",
      '{"":{"":[]}}',
      '{"a":1,"a":2}',
    ])
      expect(packer.unpack(packedText(packer, text)!)).toEqual(json(JSON.parse(text)));
  });

  it("gives one item of a list, without what its lists have", () => {
    const heads = [{ length: 32, sha256: "0123456789abcdef" }, "/logs/other.log", -1, null, [[]]];
    const packer = new JsonPacker();
    const list = ["/logs/audit.log", { heads, path: "/logs/audit.log", name: "other.log" }, 3];
    const bytes = Buffer.from(packer.pack(list));
    expect(packer.unpackItem(bytes, 0)).toBe(list[0]);
    expect(packer.unpackItem(bytes, 1)).toEqual({ ...(list[1] as object), heads: [] });
    expect(packer.unpackItem(bytes, 2)).toBe(3);
    const part = packer.unpackItem(bytes, 1, new Set(["path", "heads"]));
    expect(part).toEqual({ heads: [], path: "/logs/audit.log" });
    expect(packer.unpackItem(bytes, 1, new Set(["none"]))).toEqual(packer.unpackItem(bytes, 1));
    expect(packer.unpackItem(bytes, 2, new Set(["path"]))).toBeUndefined();
    expect(() => packer.unpackItem(bytes, 3)).toThrow();
    expect(() => packer.unpackItem(Buffer.from(packer.pack({})), 0)).toThrow();
  });

  it("leaves out what JSON leaves out", () => {
    const packer = new JsonPacker();
    const bytes = Buffer.from(packer.pack({ a: undefined, b: [undefined, NaN, -0] }));
    expect(packer.unpack(bytes)).toEqual({ b: [null, null, 0] });
  });

  it("goes on where more is there than it knows by number", () => {
    const packer = new JsonPacker();
    const values = Array.from({ length: 33_000 }, (_, n) => [`/logs/${n}/audit.log`, { [n]: n }]);
    const packed = values.map((each) => Buffer.from(packer.pack(each)));
    expect(packed.map((bytes) => packer.unpack(bytes))).toEqual(values);
    // Numbers of more than one byte.
    const text = JSON.stringify(values.slice(0, 1000));
    expect(packer.unpack(packedText(packer, text)!)).toEqual(values.slice(0, 1000));
    expect(packedText(packer, '{"another":1}')).toBeUndefined();
  });

  it("takes little more than a third of the text that is written of a file", () => {
    const packer = new JsonPacker();
    const stateOf = (n: number): unknown => ({
      id: randomUUID(),
      input: "audit",
      identity: {
        kind: "file",
        path: `/var/log/bucket-${n % 20}/audit-${n}.log`,
        directory: `/var/log/bucket-${n % 20}`,
        base: `audit-${n}.log`,
        name: `audit-${n}.log`,
        key: `65024:${1_000_000 + n}`,
        birth: String(1_700_000_000_000_000_000n + BigInt(n)),
        heads: [32, 256, 1024].map((length) => ({ length, sha256: hashOf(`${n} ${length}`) })),
        size: 1060,
        mtime_ms: 1_700_000_000_000.123 + n,
        settled_ms: 1_700_000_000_000.123 + n,
        proven_size: 1060,
        samples: [],
      },
      checkpoint: { offset: 1060, tail: { length: 1060, sha256: hashOf(`${n}`) } },
    });
    let text_bytes = 0;
    let packed_bytes = 0;
    for (let n = 0; n < 100; n += 1) {
      const state = stateOf(n);
      text_bytes += JSON.stringify(state).length;
      packed_bytes += packer.pack(state).length;
    }
    expect(packed_bytes).toBeLessThan(text_bytes * 0.36);
    expect(packed_bytes / 100).toBeLessThan(280);
  });
});

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
