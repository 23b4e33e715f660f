/** Signed configurations: what is signed is what is read, and nothing else is. */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  note_bytes_max,
  openConfiguration,
  sha256Of,
  signable,
  signConfiguration,
} from "../../../../src/config/fleet/signed.ts";
import {
  noteOf,
  parseVerifierKey,
  privateKeyOf,
  publicBytesOf,
  signatureLine,
  verifierKeyText,
  type NamedKey,
} from "../../../../src/proof/format/notes.ts";

function keyNamed(name: string): { key: NamedKey; private_key: ReturnType<typeof privateKeyOf> } {
  const private_key = privateKeyOf(randomBytes(32));
  return { key: { name, key: publicBytesOf(private_key) }, private_key };
}

const ops = keyNamed("ops");
const given = { group: "web", serial: 7, time: "2026-11-29T18:05:26.000Z", yaml: "inputs: {}\n" };

function sign(more: Partial<typeof given> = {}, { key, private_key } = ops): string {
  return signConfiguration({ ...given, ...more }, key, private_key);
}

function reasonOf(note: string, keys = [ops.key], group = "web"): string | undefined {
  const opened = openConfiguration(note, keys, group);
  return "reason" in opened ? opened.reason : undefined;
}

describe("signed configuration", () => {
  test.each([
    "inputs: {}\n",
    "a: 1\n\n\n",
    "\n",
    "a: |\n  text\n\n  — ops AAAA\n\n— ops AAAA\n",
    "ä: \u{1f512}\n",
  ])("comes back as it was: %j", (yaml) => {
    const opened = openConfiguration(sign({ yaml }), [ops.key], "web");
    expect(opened).toMatchObject({ ...given, yaml, sha256: sha256Of(yaml), by: "ops" });
  });

  test("no byte of it can change, be taken away or be put in", () => {
    const note = sign();
    for (let at = 0; at < note.length; at += 1) {
      const [head, rest] = [note.slice(0, at), note.slice(at + 1)];
      for (const other of [`${head}#${rest}`, head + rest, `${head}0${note.slice(at)}`]) {
        if (other === note) continue;
        expect(reasonOf(other), `${at}: ${other}`).toBeDefined();
      }
    }
  });

  test("each reason has its word, and the signature comes first", () => {
    const stranger = keyNamed("stranger");
    const impostor = keyNamed("ops");
    expect(reasonOf(sign({}, stranger))).toBe("unknown_key");
    expect(reasonOf(sign({ group: "db" }, stranger))).toBe("unknown_key");
    expect(reasonOf(sign({}, impostor))).toBe("wrong_signature");
    expect(reasonOf(sign({ group: "db" }))).toBe("other_group");
    expect(reasonOf("inputs: {}\n")).toBe("not_signed");
    expect(reasonOf("")).toBe("not_signed");
    expect(reasonOf("a".repeat(note_bytes_max + 1))).toBe("too_large");
    expect(reasonOf("ä".repeat(note_bytes_max / 2 + 1))).toBe("too_large");
    const text = "tallyman configuration v2\n";
    expect(reasonOf(noteOf(text, signatureLine(text, ops.key, ops.private_key)))).toBe("malformed");
    for (const serial of [0, -1, 1.5, 2 ** 60])
      expect(reasonOf(sign({ serial }))).toBe("malformed");
    expect(reasonOf(sign({ time: "yesterday" }))).toBe("malformed");
  });

  test("one of several signatures by a pinned key is enough, as while a key is replaced", () => {
    const next = keyNamed("ops-2");
    const note = sign();
    const text = note.slice(0, note.lastIndexOf("\n\n") + 1);
    const both = `${note}${signatureLine(text, next.key, next.private_key)}\n`;
    expect(reasonOf(both)).toBeUndefined();
    expect(reasonOf(both, [next.key])).toBeUndefined();
    expect(reasonOf(both, [keyNamed("other").key])).toBe("unknown_key");
  });

  test("what cannot be in a note is refused before it is signed, with its line", () => {
    expect(signable("a: 1")).toEqual({ yaml: "a: 1\n" });
    for (const text of ["a: 1\nb:\t2\n", "a: 1\n\r\n", "a: 1\n\0"])
      expect(signable(text)).toMatchObject({ fault: expect.stringContaining("line 2 ") as string });
    expect(signable("a".repeat(256 * 1024))).toMatchObject({ fault: "it is longer than 256KiB" });
  });

  test("the line to pin holds name, id and key together", () => {
    const line = verifierKeyText(ops.key);
    expect(parseVerifierKey(line)).toEqual(ops.key);
    for (const other of [
      line.replace("ops", "opt"),
      line.slice(1),
      `${line}=`,
      line.slice(0, -4),
      "",
    ])
      expect(parseVerifierKey(other), other).toBeUndefined();
  });
});
