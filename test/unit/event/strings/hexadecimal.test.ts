/** Text in hexadecimal digits: what is a run of it, what a quick look says, and how it is written back. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hexParts, mayHoldHex } from "../../../../src/event/strings/hexadecimal.ts";

function partsOf(text: string): string[] {
  return Array.from(hexParts(text), ({ held }) => held.toString());
}

function mayHold(text: string): boolean {
  const bytes = Buffer.from(text);
  return mayHoldHex(bytes, 0, bytes.length);
}

describe("hexadecimal digits", () => {
  test("hexParts - gives what runs of digits hold, NULs included, and nothing else", () => {
    const title = Buffer.from("mysql\0--password=x").toString("hex").toUpperCase();
    expect(partsOf(`proctitle=${title} exe=x`)).toEqual(["mysql\0--password=x"]);
    const number = "1742539047915123";
    const hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    for (const other of [hash, number, `${title}0`, `z${title}`, "70617373", "00".repeat(20)]) {
      expect(partsOf(`a=${other} b`), other).toEqual([]);
    }
  });

  test("hexParts - what is changed is written in the same case", () => {
    for (const spell of [(text: string) => text, (text: string) => text.toUpperCase()]) {
      const [part] = hexParts(`a=${spell(Buffer.from("password=jkl").toString("hex"))}`);
      const { start, end, bytes } = part!.encode(Buffer.from("password=*"));
      expect([start, end]).toEqual([2, 26]);
      expect(bytes.toString()).toBe(spell(Buffer.from("password=*").toString("hex")));
    }
  });

  test("mayHoldHex - says so wherever a run stands that holds text", () => {
    const around = fc.stringMatching(/^[g-z "{}:,=-]{0,40}$/);
    const held = fc.stringMatching(/^[ -~]{8,60}$/);
    fc.assert(
      fc.property(around, held, around, (before, text, behind) => {
        const all = `${before} ${Buffer.from(text).toString("hex")} ${behind}`;
        expect(partsOf(all)).toContain(text);
        expect(mayHold(all)).toBe(true);
      }),
    );
  });

  test("mayHoldHex - says no for hashes, numbers and words", () => {
    const harmless =
      "9f86d081884c7d659a2feaa0c55ad015 1742539047915123 0000000000000017 decade facade";
    expect(mayHold(harmless)).toBe(false);
  });
});
