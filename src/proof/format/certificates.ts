/**
 * Certificates: which key signs for which time, said by the key before it, and first by the root, whose fingerprint the
 * auditor has.
 */
import { createHash, type KeyObject } from "node:crypto";
import { z } from "zod";
import { isSigned, public_key_bytes, signatureOf, type NamedKey } from "./notes.ts";

const title = "tallyman key certificate v1";

const key = z
  .base64()
  .refine((text) => Buffer.from(text, "base64").length === public_key_bytes, "not of 32 bytes");

/** A key as seals have it. */
export const keyEntry = z.object({ name: z.string().regex(/^[^\s+]+$/), key });

/** A time as an agent writes it, and every language reads it. */
export const sealTime = z.iso.datetime({ precision: 3 }).regex(/^[1-9]/);

export const certificateSchema = keyEntry.extend({
  from: sealTime,
  to: sealTime,
  by: z.string().regex(/^[^\s+]+$/),
  sig: z.base64(),
});

/** The root's entry has no certificate: its fingerprint is known. */
export const keysSchema = z.tuple([keyEntry], certificateSchema);

export type KeyEntry = z.output<typeof keyEntry>;
export type Certificate = z.output<typeof certificateSchema>;
/** The root, and behind it the certificates from the first key to the latest. */
export type Keys = z.output<typeof keysSchema>;

/** `SHA256:` and the base64, without padding, of SHA-256 of the key. */
export function fingerprintOf(public_key: Uint8Array): string {
  const digest = createHash("sha256").update(public_key).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}

/** Whether it is a fingerprint by its form. */
export function isFingerprint(text: string): boolean {
  return /^SHA256:[A-Za-z0-9+/]{43}$/.test(text);
}

export function rootName(agent_name: string): string {
  return `${agent_name}/root`;
}

export function namedKey({ name, key: text }: KeyEntry): NamedKey {
  return { name, key: Buffer.from(text, "base64") };
}

/** What a certificate is about, before somebody certifies it. */
export interface Certified {
  readonly agent: string;
  readonly key: NamedKey;
  /** From then on, in milliseconds. */
  readonly from: number;
  /** Until before then. */
  readonly to: number;
}

/** Has `by` certify a key. */
export function certify(
  { agent, key: certified, from, to }: Certified,
  by: NamedKey,
  private_key: KeyObject,
): Certificate {
  const certificate = {
    name: certified.name,
    key: certified.key.toString("base64"),
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    by: by.name,
  };
  const sig = signatureOf(certifiedText(agent, certificate), by, private_key);
  return { ...certificate, sig };
}

/** Whether `by` has certified it for `agent`. */
export function isCertified(agent: string, certificate: Certificate, by: NamedKey): boolean {
  const text = certifiedText(agent, certificate);
  return certificate.by === by.name && isSigned(text, certificate.sig, by);
}

/** What is signed. A line feed in a name could make one text of two certificates. */
function certifiedText(agent: string, certificate: Omit<Certificate, "sig" | "by">): string {
  const lines = [title, agent, certificate.name, certificate.key, certificate.from, certificate.to];
  if (lines.some((line) => line.includes("\n"))) throw new RangeError("a line feed in a name");
  return lines.map((line) => `${line}\n`).join("");
}
