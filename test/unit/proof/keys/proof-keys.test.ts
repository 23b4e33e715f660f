/** The keys of a state directory: made, read again, rotated, and gone after that. */
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { isCertified, namedKey } from "../../../../src/proof/format/certificates.ts";
import { isSigned, parseSignatureLine } from "../../../../src/proof/format/notes.ts";
import {
  keyFilePath,
  readRootFile,
  wipe,
  writeKeyFile,
} from "../../../../src/proof/keys/key-file.ts";
import { key_period_ms, newKeys, ProofKeys } from "../../../../src/proof/keys/proof-keys.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const start = Date.UTC(2026, 10, 29, 10);

async function madeKeys(): Promise<{ directory: string; fingerprint: string }> {
  const directory = temporaryDirectory();
  const { file, fingerprint } = newKeys("host a", start);
  await writeKeyFile(directory, file);
  return { directory, fingerprint };
}

test("keys - new ones are the user's alone, and sign what the certificate's key verifies", async () => {
  const { directory, fingerprint } = await madeKeys();
  const path = keyFilePath(directory);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  const keys = await ProofKeys.load(directory);
  expect(keys.fingerprint).toBe(fingerprint);
  expect(keys.current.name).toBe("host-a/2026-11-29");
  const { signature } = parseSignatureLine(keys.sign("{}"))!;
  expect(isSigned("{}\n", signature, namedKey(keys.entry))).toBe(true);
  const [root, first] = keys.keys;
  expect(isCertified("host a", first!, namedKey(root))).toBe(true);
});

test("keys - a rotation certifies the next key, and overwrites the one before", async () => {
  const { directory } = await madeKeys();
  const path = keyFilePath(directory);
  const old = readFileSync(path, "utf8");
  // A name is gone with the rename; what had it is still open here.
  const descriptor = openSync(path, "r");
  const keys = await ProofKeys.load(directory);
  expect(keys.isDue(start + key_period_ms - 1)).toBe(false);
  expect(keys.isDue(start + key_period_ms)).toBe(true);
  await keys.rotate(start + key_period_ms + 5000);
  const left = Buffer.alloc(old.length);
  expect(readSync(descriptor, left, 0, left.length, 0)).toBe(old.length);
  closeSync(descriptor);
  expect(left.every((byte) => byte === 0)).toBe(true);

  const again = await ProofKeys.load(directory);
  expect(again.keys).toEqual(keys.keys);
  const [, first, second] = again.keys;
  expect(isCertified("host a", second!, namedKey(first!))).toBe(true);
  expect(second!.from).toBe(new Date(start + key_period_ms + 5000).toISOString());
  expect(again.from_ms).toBe(start + key_period_ms + 5000);
  expect(again.isDue(again.from_ms + key_period_ms)).toBe(true);
  expect(again.sign("{}")).toBe(keys.sign("{}"));
});

test("keys - a clock that has gone back makes no keys that overlap", async () => {
  const { directory } = await madeKeys();
  const keys = await ProofKeys.load(directory);
  await keys.rotate(start - 1000);
  expect(keys.from_ms).toBe(start + key_period_ms);
});

test("keys - a kept root certifies a new key under the same fingerprint", async () => {
  const directory = temporaryDirectory();
  const made = newKeys("host-a", start);
  const path = join(directory, "root.json");
  writeFileSync(path, JSON.stringify(made.root));
  const renewed = newKeys("host-a", start + 5, await readRootFile(path));
  expect(renewed.fingerprint).toBe(made.fingerprint);
  expect(renewed.file.keys[1]!.key).not.toBe(made.file.keys[1]!.key);
  await wipe(path);
  await expect(readRootFile(path)).rejects.toMatchObject({ code: "proof_keys_unusable" });
});

test("keys - without keys there is a command to run, and what is none is refused", async () => {
  const directory = temporaryDirectory();
  await expect(ProofKeys.load(directory)).rejects.toMatchObject({ code: "proof_keys_missing" });
  const path = keyFilePath(directory);
  mkdirSync(dirname(path));
  const { file } = newKeys("host-a", start);
  const other = newKeys("host-a", start).file;
  for (const text of ["", "{}", JSON.stringify({ ...file, private: other.private })]) {
    writeFileSync(path, text);
    await expect(ProofKeys.load(directory)).rejects.toMatchObject({ code: "proof_keys_unusable" });
  }
});

test("keys - a link in the place of the file is not followed", async () => {
  const directory = temporaryDirectory();
  const { file } = newKeys("host-a", start);
  const victim = join(directory, "victim");
  writeFileSync(victim, JSON.stringify(file));
  mkdirSync(join(directory, "proof"));
  symlinkSync(victim, keyFilePath(directory));
  await expect(ProofKeys.load(directory)).rejects.toMatchObject({ code: "proof_keys_unusable" });
  await expect(writeKeyFile(directory, file)).rejects.toThrow("symbolic link");
  expect(readFileSync(victim, "utf8")).toBe(JSON.stringify(file));
});
