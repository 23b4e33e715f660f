/** Packed values are what they were as JSON, whatever they are, and small where they are alike. */
import { createHash, randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonPacker } from "../../../../src/platform/packing/json-packer.ts";

/** Texts of the kinds that have a short form, and those that nearly do. */
const special = fc.oneof(
  fc.uuid(),
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

  it("gives the first item of a list alone", () => {
    const packer = new JsonPacker();
    const bytes = Buffer.from(packer.pack([{ path: "/logs/audit.log" }, "/logs/audit.log"]));
    expect(packer.unpackFirst(bytes)).toEqual({ path: "/logs/audit.log" });
    expect(() => packer.unpackFirst(Buffer.from(packer.pack({})))).toThrow();
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
