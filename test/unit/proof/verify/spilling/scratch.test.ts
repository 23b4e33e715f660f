/** Temporary files keep what is put into them, have no name, and a directory that takes none is said. */
import { readdirSync } from "node:fs";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Scratch } from "../../../../../src/proof/verify/spilling/scratch.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

afterEach(() => vi.unstubAllEnvs());

const step = fc.oneof(
  fc.record({ kind: fc.constant("append" as const), bytes: fc.uint8Array({ maxLength: 40 }) }),
  fc.record({
    kind: fc.constant("replace" as const),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ maxLength: 12 }),
  }),
  fc.record({
    kind: fc.constant("read" as const),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(60),
  }),
);

describe("scratch", () => {
  test("scratch - a file has what was put into it, whatever of it waits in memory", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const scratch = new Scratch();
        const file = scratch.open(32);
        let model = Buffer.alloc(0);
        for (const each of steps) {
          if (each.kind === "append") {
            expect(file.append(each.bytes)).toBe(model.length);
            model = Buffer.concat([model, each.bytes]);
          } else if (each.kind === "replace") {
            const room = model.length - each.bytes.length;
            if (room < 0) continue;
            const at = Math.floor(each.part * room);
            file.replace(at, each.bytes);
            model.set(each.bytes, at);
          } else {
            const at = Math.floor(each.part * model.length);
            expect(file.read(at, each.length)).toEqual(model.subarray(at, at + each.length));
          }
          expect(file.size).toBe(model.length);
        }
        scratch.closeAll();
      }),
      { numRuns: 30 },
    );
  });

  test("scratch - nothing of a file has a name, and a directory that is not there is said", () => {
    const directory = temporaryDirectory();
    vi.stubEnv("TMPDIR", directory);
    const scratch = new Scratch();
    scratch.open().append(Buffer.alloc(100_000));
    expect(readdirSync(directory)).toEqual([]);
    scratch.closeAll();
    vi.stubEnv("TMPDIR", `${directory}/none`);
    expect(() => scratch.open()).toThrow(/temporary file in .*none.*TMPDIR/);
  });
});
