/**
 * A configuration for a group, signed: a note (https://c2sp.org/signed-note) whose text has a head, an empty line, and the YAML.
 *
 *     tallyman configuration v1
 *     group web
 *     serial 1795974326
 *     time 2026-11-29T18:05:26.000Z
 *     sha256 (of the YAML below, in hex)
 *
 *     inputs: …
 *
 *     — ops (base64)
 *
 * Nothing of it is looked at before the signature holds.
 */
import { createHash, type KeyObject } from "node:crypto";
import {
  isSigned,
  noteOf,
  parseNote,
  signatureLine,
  type NamedKey,
} from "../../proof/format/notes.ts";
import { config_bytes_max } from "../document/length.ts";

/** The most that is read: the longest configuration, its head, and signatures. */
export const note_bytes_max = config_bytes_max + 4096;

const title = "tallyman configuration v1";
const head_pattern =
  /^tallyman configuration v1\ngroup (?<group>[\w-]{1,64})\nserial (?<serial>[1-9][0-9]{0,14})\ntime (?<time>[0-9T:.Z-]{20,30})\nsha256 (?<sha256>[0-9a-f]{64})\n\n/;

export interface Configuration {
  readonly group: string;
  /** Grows with every configuration of a group. */
  readonly serial: number;
  /** When it was signed; ISO 8601. */
  readonly time: string;
  /** Of the YAML, in hex. */
  readonly sha256: string;
  readonly yaml: string;
}

/** A configuration whose signature holds, and its note. */
export interface SignedConfiguration extends Configuration {
  readonly note: string;
  /** The name of the key that has signed it. */
  readonly by: string;
}

/** Why a configuration is not taken: stable words, for the log, metrics and reports. */
export const refusal_reasons = [
  "too_large",
  "not_signed",
  "unknown_key",
  "wrong_signature",
  "malformed",
  "other_group",
  "old_serial",
  "invalid",
  "state_unusable",
] as const;

export type RefusalReason = (typeof refusal_reasons)[number];

export interface FleetRefusal {
  readonly reason: RefusalReason;
  /** In words, without anything of the configuration but names. */
  readonly detail: string;
  readonly serial?: number | undefined;
}

/** The YAML as it is signed: it ends with a line feed. */
export function signable(yaml: string): { yaml: string } | { fault: string } {
  const text = yaml.endsWith("\n") ? yaml : `${yaml}\n`;
  if (Buffer.byteLength(text) > config_bytes_max) return { fault: "it is longer than 256KiB" };
  const at = text.split("\n").findIndex((line) => hasControl(line));
  if (at >= 0) {
    return {
      fault: `line ${at + 1} has a tab, a carriage return or another control character, which a signed note cannot have; write spaces, or \\t in quotes`,
    };
  }
  return { yaml: text };
}

/** Whether a line has what a note must not have. */
function hasControl(line: string): boolean {
  for (let at = 0; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

export function sha256Of(yaml: string): string {
  return createHash("sha256").update(yaml).digest("hex");
}

/** The note of a configuration. */
export function signConfiguration(
  { group, serial, time, yaml }: Omit<Configuration, "sha256">,
  key: NamedKey,
  private_key: KeyObject,
): string {
  const head = [
    title,
    `group ${group}`,
    `serial ${serial}`,
    `time ${time}`,
    `sha256 ${sha256Of(yaml)}`,
  ];
  const text = `${head.join("\n")}\n\n${yaml}`;
  return noteOf(text, signatureLine(text, key, private_key));
}

/** What a note says, where one of the keys has signed it for the group; else why not. */
export function openConfiguration(
  note: string,
  keys: readonly NamedKey[],
  group: string,
): SignedConfiguration | FleetRefusal {
  if (note.length > note_bytes_max || Buffer.byteLength(note) > note_bytes_max)
    return { reason: "too_large", detail: "it is longer than a configuration may be" };
  const parsed = parseNote(note);
  if (parsed === undefined) return { reason: "not_signed", detail: "it is no signed note" };
  const { text, signatures } = parsed;
  const names = new Set(keys.map(({ name }) => name));
  const known = signatures.filter(({ name }) => names.has(name));
  if (known.length === 0)
    return { reason: "unknown_key", detail: "no key that is pinned has signed it" };
  const by = keys.find((key) =>
    known.some(({ name, signature }) => name === key.name && isSigned(text, signature, key)),
  );
  if (by === undefined)
    return {
      reason: "wrong_signature",
      detail: "the signature is not that of a key that is pinned",
    };
  const configuration = read(text);
  if (configuration === undefined)
    return { reason: "malformed", detail: "it is signed, but is no configuration of this version" };
  const { serial } = configuration;
  if (configuration.group !== group)
    return { reason: "other_group", detail: `it is for the group ${configuration.group}`, serial };
  return { ...configuration, note, by: by.name };
}

function read(text: string): Configuration | undefined {
  const found = head_pattern.exec(text);
  if (found === null) return undefined;
  const { group = "", serial, time = "", sha256 = "" } = found.groups ?? {};
  const yaml = text.slice(found[0].length);
  if (Number.isNaN(Date.parse(time)) || sha256Of(yaml) !== sha256) return undefined;
  return { group, serial: Number(serial), time, sha256, yaml };
}
