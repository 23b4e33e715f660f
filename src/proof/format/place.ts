/**
 * The place of an event: its lane, the epoch of that, and its number. Three fields of an event say it, so that an index of
 * Splunk grows by a term a block and not by one an event.
 */
import { createHash } from "node:crypto";

/** The indexed fields of an event's envelope. */
export const place_fields = {
  lane: "tally_lane",
  block: "tally_block",
  place_in_block: "tally_i",
} as const;
/** The indexed field of a seal with its signature. */
export const signature_field = "tally_sig";
/** No event may have these of its own. */
export const reserved_fields: ReadonlySet<string> = new Set([
  ...Object.values(place_fields),
  signature_field,
]);
export const seal_sourcetype = "tallyman:seal";

export const block_events = 1024;
/** All numbers of events are below it: any of them, and the one behind it, is exact. */
export const number_end = Number.MAX_SAFE_INTEGER;
/** Of 15 digits, as `isLane` has them. */
export const epoch_max = 999_999_999_999_999;

/** What a lane is: what one agent hands of one stream to one index of one output. */
export interface LaneParts {
  readonly agent: string;
  /** The id of the stream in the ledger. */
  readonly stream: string;
  readonly output: string;
  readonly index?: string | undefined;
}

const base32 = "abcdefghijklmnopqrstuvwxyz234567";
const id_characters = 8;

/** The id of a lane: the first 40 bits of SHA-256 of its parts, in base32. */
export function laneId({ agent, stream, output, index = "" }: LaneParts): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([agent, stream, output, index]))
    .digest();
  let bits = digest.readUIntBE(0, 5);
  let id = "";
  for (let character = 0; character < id_characters; character += 1) {
    id = base32[bits % 32]! + id;
    bits = Math.floor(bits / 32);
  }
  return id;
}

const lane_field = /^[a-z2-7]{8}\.[1-9]\d{0,14}$/;

/** Whether it is a lane with its epoch, such as `k7q2m5xa.1`. */
export function isLane(text: string): boolean {
  return lane_field.test(text);
}

export function laneOf(id: string, epoch: number): string {
  return `${id}.${epoch}`;
}

/** The parts of a lane with its epoch, as `isLane` has found it. */
export function laneParts(lane: string): { id: string; epoch: number } {
  const at = lane.indexOf(".");
  return { id: lane.slice(0, at), epoch: Number(lane.slice(at + 1)) };
}
