/**
 * Signed notes (https://c2sp.org/signed-note): a text, and below it lines with Ed25519 signatures, each with the name and the
 * id of its key.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
  type KeyObject,
} from "node:crypto";

export const public_key_bytes = 32;
export const seed_bytes = 32;
/** Of what a signature begins with. */
export const key_id_bytes = 4;
const signature_bytes = 64;
const signatures_max = 16;
/** The algorithm that is part of a key's id. */
const ed25519 = 1;
const key_line = /^(?<name>[^\s+]+)\+(?<id>[0-9a-f]{8})\+(?<bytes>[A-Za-z0-9+/]+={0,2})$/;
const private_start = "PRIVATE+KEY+";
const line_start = "— ";
const line_pattern = /^— (?<name>[^\s+]+) (?<bytes>[A-Za-z0-9+/]+={0,2})$/;

/** DER (RFC 8410) up to the key's own bytes. */
const spki_prefix = Buffer.from("302a300506032b6570032100", "hex");
const pkcs8_prefix = Buffer.from("302e020100300506032b657004220420", "hex");

/** A public key with its name. */
export interface NamedKey {
  /** Without blanks and plus signs. */
  readonly name: string;
  /** Of 32 bytes. */
  readonly key: Buffer;
}

/** The name that a key may have for what is called `text`. */
export function keyName(text: string): string {
  return text.replaceAll(/[\s+]/g, "-");
}

/** The first four bytes of SHA-256 over name, line feed, algorithm and key. */
export function keyId({ name, key }: NamedKey): Buffer {
  const hash = createHash("sha256").update(`${name}\n`).update(Buffer.of(ed25519)).update(key);
  return hash.digest().subarray(0, key_id_bytes);
}

/** The id and the signature of a text, in base64. */
export function signatureOf(text: string, key: NamedKey, private_key: KeyObject): string {
  const signature = sign(null, Buffer.from(text), private_key);
  return Buffer.concat([keyId(key), signature]).toString("base64");
}

/** The line of a note that signs `text`, which ends with a line feed. */
export function signatureLine(text: string, key: NamedKey, private_key: KeyObject): string {
  return `${line_start}${key.name} ${signatureOf(text, key, private_key)}`;
}

/** The whole note. */
export function noteOf(text: string, signature_line: string): string {
  return `${text}\n${signature_line}\n`;
}

/** A line of a note: the key's name, and id and signature in base64; undefined for what is none. */
export function parseSignatureLine(line: string): { name: string; signature: string } | undefined {
  const groups = line_pattern.exec(line)?.groups;
  return groups && { name: groups["name"]!, signature: groups["bytes"]! };
}

/** A note in its parts; undefined for what is none. What comes after the last empty line are signatures, and nothing else. */
export function parseNote(
  note: string,
): { text: string; signatures: { name: string; signature: string }[] } | undefined {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) return undefined;
  const lines = note.slice(end + 2, -1).split("\n");
  if (lines.length > signatures_max) return undefined;
  const signatures = lines.flatMap((line) => parseSignatureLine(line) ?? []);
  if (signatures.length < lines.length) return undefined;
  return { text: note.slice(0, end + 1), signatures };
}

/** Name, id and key on one line, as who verifies is given them: `NAME+ID+KEY`. */
export function verifierKeyText(key: NamedKey): string {
  return keyLine(key, key.key);
}

/** The same with what a private key is made of, for whoever signs: `PRIVATE+KEY+NAME+ID+SEED`. */
export function signerKeyText(name: string, seed: Uint8Array): string {
  const key = publicBytesOf(privateKeyOf(seed));
  return private_start + keyLine({ name, key }, seed);
}

function keyLine(key: NamedKey, own: Uint8Array): string {
  const bytes = Buffer.concat([Buffer.of(ed25519), own]).toString("base64");
  return `${key.name}+${keyId(key).toString("hex")}+${bytes}`;
}

/** The key in such a line; undefined where its form, or its id, is wrong. */
export function parseVerifierKey(text: string): NamedKey | undefined {
  const read = readKeyLine(text, public_key_bytes);
  const key = read && { name: read.name, key: read.own };
  return key && verifierKeyText(key) === text ? key : undefined;
}

/** The same of whoever signs; `wrong_id` where the id is not that of the key. */
export function parseSignerKey(
  text: string,
): { key: NamedKey; private_key: KeyObject } | "wrong_id" | undefined {
  if (!text.startsWith(private_start)) return undefined;
  const read = readKeyLine(text.slice(private_start.length), seed_bytes);
  if (read === undefined) return undefined;
  const private_key = privateKeyOf(read.own);
  const key = { name: read.name, key: publicBytesOf(private_key) };
  return keyId(key).toString("hex") === read.id ? { key, private_key } : "wrong_id";
}

function readKeyLine(
  text: string,
  own_bytes: number,
): { name: string; id: string; own: Buffer } | undefined {
  const groups = key_line.exec(text)?.groups;
  const bytes = Buffer.from(groups?.["bytes"] ?? "", "base64");
  if (bytes.length !== 1 + own_bytes || bytes[0] !== ed25519) return undefined;
  return { name: groups!["name"]!, id: groups!["id"]!, own: bytes.subarray(1) };
}

/** Whether id and signature, in base64, are this key's for `text`. */
export function isSigned(text: string, signature: string, key: NamedKey): boolean {
  const bytes = Buffer.from(signature, "base64");
  if (bytes.length !== key_id_bytes + signature_bytes) return false;
  // Another spelling of the same bytes is not what was signed.
  if (bytes.toString("base64") !== signature) return false;
  if (!bytes.subarray(0, key_id_bytes).equals(keyId(key))) return false;
  const public_key = publicKeyOf(key.key);
  return verify(null, Buffer.from(text), public_key, bytes.subarray(key_id_bytes));
}

/** The key of its 32 bytes. */
function publicKeyOf(key: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([spki_prefix, key]), format: "der", type: "spki" });
}

/** The private key of the 32 bytes that it is made of. */
export function privateKeyOf(seed: Uint8Array): KeyObject {
  if (seed.length !== seed_bytes) throw new RangeError("a private key has 32 bytes");
  const key = Buffer.concat([pkcs8_prefix, seed]);
  const made = createPrivateKey({ key, format: "der", type: "pkcs8" });
  key.fill(0);
  return made;
}

/** The 32 bytes of the public key that belongs to a private one. */
export function publicBytesOf(private_key: KeyObject): Buffer {
  const der = createPublicKey(private_key).export({ format: "der", type: "spki" });
  return Buffer.from(der.subarray(spki_prefix.length));
}
