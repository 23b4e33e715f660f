/** Signed notes and certificates: known signatures, and every change of one byte is found. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  certify,
  fingerprintOf,
  isCertified,
  isFingerprint,
} from "../../../../src/proof/format/certificates.ts";
import {
  isSigned,
  keyId,
  keyName,
  noteOf,
  parseSignatureLine,
  privateKeyOf,
  publicBytesOf,
  signatureLine,
} from "../../../../src/proof/format/notes.ts";

/** The first test of RFC 8032, 7.1. */
const seed = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex");
const rfc_public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const private_key = privateKeyOf(seed);
const key = { name: "host-a/2026-11-29", key: publicBytesOf(private_key) };

describe("notes", () => {
  test("notes - a key is what RFC 8032 makes of its seed", () => {
    expect(key.key.toString("hex")).toBe(rfc_public);
  });

  test("notes - the key's id is that of signed notes", () => {
    const id = createHash("sha256").update("host-a/2026-11-29\n\x01").update(key.key).digest();
    expect(keyId(key)).toEqual(id.subarray(0, 4));
  });

  test("notes - a signature is a line that holds for its text alone", () => {
    const line = signatureLine("{}\n", key, private_key);
    expect(line).toBe(
      "— host-a/2026-11-29 dDzT4VQN7lLl89kQdQQ6BDtZeP5XWO/hbJMWwIenlRLHN5psjTO1Ml9EOjrAcKhlX4xs5txVg1zjDTmVl3T62VFjNws=",
    );
    const { name, signature } = parseSignatureLine(line)!;
    expect(name).toBe(key.name);
    expect(isSigned("{}\n", signature, key)).toBe(true);
    expect(isSigned("{}", signature, key)).toBe(false);
    expect(isSigned("{}\n", signature, { ...key, name: "host-b/2026-11-29" })).toBe(false);
    expect(noteOf("{}\n", line)).toBe(`{}\n\n${line}\n`);
    const bytes = Buffer.from(signature, "base64");
    for (const at of bytes.keys()) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      expect(isSigned("{}\n", changed.toString("base64"), key), `byte ${at}`).toBe(false);
    }
    expect(isSigned("{}\n", signature.replace(/=*$/, ""), key)).toBe(false);
    expect(isSigned("{}\n", "", key)).toBe(false);
  });

  test("notes - what is no such line is none", () => {
    for (const text of ["", "- a AAAA", "— a b AAAA", "— a+b AAAA", "— a AA!A", "— a AAAA "]) {
      expect(parseSignatureLine(text), text).toBeUndefined();
    }
    expect(keyName("my host+1")).toBe("my-host-1");
  });
});

describe("certificates", () => {
  const day = { agent: "host-a", key, from: Date.UTC(2026, 10, 29), to: Date.UTC(2026, 10, 30) };
  const root = { name: "host-a/root", key: publicBytesOf(private_key) };
  const certificate = certify(day, root, private_key);

  test("certificates - one holds for its agent, its times and its certifier alone", () => {
    expect(isCertified("host-a", certificate, root)).toBe(true);
    expect(isCertified("host-b", certificate, root)).toBe(false);
    expect(isCertified("host-a", certificate, { ...root, name: "host-a/other" })).toBe(false);
    const changes = [
      { name: "host-a/2026-11-30" },
      { key: Buffer.alloc(32).toString("base64") },
      { from: "2026-11-28T00:00:00.000Z" },
      { to: "2026-12-30T00:00:00.000Z" },
      { by: "host-a/other" },
    ];
    for (const change of changes) {
      expect(isCertified("host-a", { ...certificate, ...change }, root)).toBe(false);
    }
  });

  test("certificates - the root is known by a fingerprint", () => {
    const fingerprint = fingerprintOf(root.key);
    expect(fingerprint).toBe("SHA256:If4x36FUomFia/hUBG/SJxt77UtqvkWqWId+9H+XIbk");
    expect(isFingerprint(fingerprint)).toBe(true);
    expect(isFingerprint(fingerprint.slice(0, -1))).toBe(false);
  });

  test("certificates - no line feed makes one text of two", () => {
    expect(() => certify({ ...day, agent: "a\nb" }, root, private_key)).toThrow("line feed");
  });
});
