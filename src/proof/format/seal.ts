/**
 * A seal: what one agent has delivered from one moment to the next, as one line of JSON that is signed as it stands.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { keyEntry, keysSchema, sealTime } from "./certificates.ts";
import { digest_bytes, leafCount, locator_bytes, blockEnd, type Piece } from "./pieces.ts";
import { block_events, epoch_max, isLane, laneOf, number_end } from "./place.ts";

export const seal_version = 1;
/** No agent makes one that is nearly so long. */
const seal_length_max = 16 * 1024 * 1024;
export const seal_reasons = ["start", "interval", "size", "stop", "reload", "key"] as const;

const number = z.int().min(0);
/** A number of an event, or the one behind the last. */
const place = number.max(number_end);
const lane = z.string().refine(isLane, "not a lane with its epoch");
const counts = z.record(z.string(), number);
const digest = z
  .base64()
  .refine((text) => Buffer.from(text, "base64").length === digest_bytes, "not of 32 bytes");

/** The totals of the agent's books that a checkpoint has passed. */
const books = z.object({
  received: number,
  made: number,
  replayed: number,
  in_flight: number,
  delivered: counts.optional(),
  filtered: counts.optional(),
  quarantined: counts.optional(),
  dropped: counts.optional(),
  lost_bytes: counts.optional(),
});

/** A lane that has moved since the seal before. */
const movedLane = z
  .object({
    lane: z.string().regex(/^[a-z2-7]{8}$/),
    epoch: z.int().min(1).max(epoch_max),
    input: z.string(),
    stream: z.string(),
    source: z.string().optional(),
    output: z.string(),
    index: z.string().optional(),
    first: place,
    next: place,
  })
  .refine(({ first, next }) => first <= next, "ends before it begins");

const hole = z
  .object({ lane, first: place, count: z.int().min(1), reason: z.string() })
  .refine(({ first, count }) => count <= number_end - first, "goes beyond the last number");
const tail = z
  .object({ lane, from: place, to: place })
  .refine(({ from, to }) => from <= to, "ends before it begins");

const block = z
  .object({
    lane,
    first: place,
    count: z.int().min(1).max(block_events),
    sum: digest,
    leaves: z.base64(),
    events: z.base64().optional(),
  })
  .refine(
    ({ first, count }) => first + count <= Math.min(blockEnd(first), number_end),
    "goes beyond a block",
  )
  .refine(
    ({ first, count, leaves }) => bytesIn(leaves) === leafCount(first, count) * locator_bytes,
    "has not the leaves of its events",
  )
  .refine(
    ({ count, events }) => events === undefined || bytesIn(events) === count * locator_bytes,
    "has not as many locators as events",
  );

const sealSchema = z
  .object({
    v: z.literal(seal_version),
    agent: z.string().regex(/^[^\n]+$/),
    chain: z.string().regex(/^[0-9a-f]{16}$/),
    seal: number,
    from: sealTime,
    to: sealTime,
    prev: digest.or(z.literal("")),
    why: z.enum(seal_reasons),
    config: z.string().optional(),
    version: z.string().optional(),
    key: keyEntry,
    keys: keysSchema.optional(),
    books: books.optional(),
    lanes: z.array(movedLane).optional(),
    holes: z.array(hole).optional(),
    tails: z.array(tail).optional(),
    blocks: z.array(block).optional(),
  })
  .refine(hasRoomForHoles, "a hole is beyond what its lane has");

export type Seal = z.output<typeof sealSchema>;
export type SealedLane = z.output<typeof movedLane>;
export type Hole = z.output<typeof hole>;
export type Tail = z.output<typeof tail>;
export type SealedPiece = z.output<typeof block>;
export type SealedBooks = z.output<typeof books>;

/** The piece of a lane with its epoch, as a seal has it. */
export function sealedPiece(of_lane: string, piece: Piece): SealedPiece {
  const { first, count, sum, leaves, events } = piece;
  return {
    lane: of_lane,
    first,
    count,
    sum: sum.toString("base64"),
    leaves: leaves.toString("base64"),
    ...(events === undefined ? {} : { events: events.toString("base64") }),
  };
}

/** The body: one line of compact JSON, its keys in the order of docs/formats/proof.md, without what is empty. */
export function sealBody(seal: Seal): string {
  const { v, agent, chain, seal: at, from, to, prev, why } = seal;
  const body: Record<string, unknown> = { v, agent, chain, seal: at, from, to, prev, why };
  for (const key of ["config", "version", "key", "keys", "books"] as const) {
    if (seal[key] !== undefined) body[key] = seal[key];
  }
  for (const key of ["lanes", "holes", "tails", "blocks"] as const) {
    if (seal[key] !== undefined && seal[key].length > 0) body[key] = seal[key];
  }
  return JSON.stringify(body);
}

/** Holes are below the next number of their lane, which has moved over them. */
function hasRoomForHoles({
  lanes = [],
  holes = [],
}: {
  lanes?: SealedLane[] | undefined;
  holes?: Hole[] | undefined;
}): boolean {
  const ends = new Map<string, number>();
  for (const { lane: id, epoch, next } of lanes) {
    const name = laneOf(id, epoch);
    ends.set(name, Math.max(next, ends.get(name) ?? 0));
  }
  return holes.every((each) => each.first + each.count <= (ends.get(each.lane) ?? 0));
}

/** The seal with this body, or in words what is wrong with it. */
export function parseSeal(body: string): Seal | { readonly fault: string } {
  if (body.length > seal_length_max) return { fault: "it is longer than any seal" };
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { fault: "it is no JSON" };
  }
  const { success, data, error } = sealSchema.safeParse(value);
  if (success) return data;
  const { path, message } = error.issues[0]!;
  return { fault: `${path.map(String).join(".")}: ${message}` };
}

/** What the next seal has as `prev`. */
export function bodyHash(body: string): string {
  return createHash("sha256").update(body).digest("base64");
}

/** The text of a seal's note, which is signed. */
export function sealText(body: string): string {
  return `${body}\n`;
}

function bytesIn(base64: string): number {
  return Buffer.from(base64, "base64").length;
}
