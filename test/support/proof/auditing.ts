/** What an auditor finds in what a Splunk has indexed: whether seals are chained and signed, and say what is there. */
import { expect } from "vitest";
import { isCertified, namedKey } from "../../../src/proof/format/certificates.ts";
import { isSigned, parseSignatureLine } from "../../../src/proof/format/notes.ts";
import { pieceOfEvents } from "../../../src/proof/format/piece-builder.ts";
import { seal_sourcetype } from "../../../src/proof/format/place.ts";
import { bodyHash, parseSeal, sealText, type Seal } from "../../../src/proof/format/seal.ts";
import { writeKeyFile } from "../../../src/proof/keys/key-file.ts";
import { newKeys } from "../../../src/proof/keys/proof-keys.ts";
import type { IndexedEvent } from "../events/envelopes.ts";
import type { Row } from "./model-agent.ts";

/** Makes the keys of an agent, as `tallyman proof init` does. */
export async function makeKeys(state_dir: string, agent = "host-a"): Promise<void> {
  await writeKeyFile(state_dir, newKeys(agent, Date.now()).file);
}

/** What Splunk has, as rows of an export. */
export function exportOf(indexed: readonly IndexedEvent[]): Row[] {
  return indexed.map(({ event, time, index = "main", sourcetype = "", fields = {} }) => {
    const own = Object.entries(fields).filter(([name]) => name.startsWith("tally_"));
    const raw = rawOf(event).toString();
    const placed = Object.fromEntries(own.map(([name, value]) => [name, String(value)]));
    return { _raw: raw, _time: time ?? "0", index, sourcetype, ...placed };
  });
}

/** The bytes that Splunk keeps of an event: of a string, its text. */
function rawOf(event: Buffer): Buffer {
  const text = event.toString();
  return text.trimStart().startsWith('"') ? Buffer.from(JSON.parse(text) as string) : event;
}

export interface Audit {
  readonly seals: readonly Seal[];
  /** The bytes of each event by lane with its epoch and number. */
  readonly events: ReadonlyMap<string, ReadonlyMap<number, Buffer>>;
  /** Events with a place that were there already, with the same bytes. */
  readonly repeats: number;
  /** Lanes with their epochs, and how many numbers of each are sealed. */
  readonly sealed: ReadonlyMap<string, number>;
  /** Events in lanes of which no seal says anything, or behind what is sealed. */
  readonly unsealed: number;
  /** The lanes of those. */
  readonly unsealed_lanes: ReadonlySet<string>;
}

/** Throws where anything is missing, altered, or not as it was signed. */
export function audit(indexed: readonly IndexedEvent[]): Audit {
  const seals = sealsIn(indexed);
  const { events, repeats } = eventsIn(indexed);
  const sealed = new Map<string, number>();
  const tails = new Map(seals.flatMap((seal) => seal.tails ?? []).map((tail) => [tail.lane, tail]));
  const holes = new Set(
    seals
      .flatMap((seal) => seal.holes ?? [])
      .flatMap(({ lane, first, count }) =>
        Array.from({ length: count }, (_, at) => `${lane} ${first + at}`),
      ),
  );
  for (const { lanes = [], blocks = [] } of seals) {
    for (const { lane: id, epoch, first, next } of lanes) {
      const lane = `${id}.${epoch}`;
      expect([lane, first]).toEqual([lane, sealed.get(lane) ?? 0]);
      sealed.set(lane, next);
    }
    for (const { lane, first, count, sum } of blocks) {
      const numbers = Array.from({ length: count }, (_, at) => first + at);
      const optional = (number: number): boolean =>
        number >= (tails.get(lane)?.from ?? Infinity) || holes.has(`${lane} ${number}`);
      const found = numbers.flatMap((number) => events.get(lane)?.get(number) ?? []);
      const missing = numbers.filter((number) => events.get(lane)?.has(number) !== true);
      expect([lane, missing.filter((number) => !optional(number))]).toEqual([lane, []]);
      if (missing.length > 0 || numbers.some((number) => holes.has(`${lane} ${number}`))) continue;
      expect([lane, first, pieceOfEvents(first, found).sum.toString("base64")]).toEqual([
        lane,
        first,
        sum,
      ]);
    }
  }
  for (const [lane, next] of sealed) {
    const is_hashed = seals.some(({ blocks = [] }) => blocks.some((block) => block.lane === lane));
    const missing = Array.from({ length: next }, (_, number) => number).filter(
      (number) => events.get(lane)?.has(number) !== true && !holes.has(`${lane} ${number}`),
    );
    const from = tails.get(lane)?.from ?? Infinity;
    expect([lane, missing.filter((number) => number < from)]).toEqual([lane, []]);
    expect(is_hashed).toBe(true);
  }
  const unsealed_lanes = new Set<string>();
  let unsealed = 0;
  for (const [lane, of] of events) {
    const to = tails.has(lane) ? Infinity : (sealed.get(lane) ?? 0);
    const count = [...of.keys()].filter((number) => number >= to).length;
    unsealed += count;
    if (count > 0) unsealed_lanes.add(lane);
  }
  return { seals, events, repeats, sealed, unsealed, unsealed_lanes };
}

/** The seals in their order, each once. */
function sealsIn(indexed: readonly IndexedEvent[]): Seal[] {
  const bodies = new Map<number, { body: string; sig: string }>();
  for (const { event, sourcetype, fields } of indexed) {
    if (sourcetype !== seal_sourcetype) continue;
    const body = JSON.parse(event.toString()) as string;
    const { seal } = JSON.parse(body) as Seal;
    const sig = String(fields?.["tally_sig"]);
    expect(fields).toEqual({ tally_sig: sig });
    // A repeated one is the same.
    expect(bodies.get(seal) ?? { body, sig }).toEqual({ body, sig });
    bodies.set(seal, { body, sig });
  }
  const ordered = [...bodies].sort(([one], [other]) => one - other);
  expect(ordered.map(([seal]) => seal)).toEqual(ordered.map((_, at) => at));
  let prev = "";
  let to = "";
  return ordered.map(([, { body, sig }]) => {
    const seal = parseSeal(body);
    if ("fault" in seal) throw new Error(`${seal.fault}: ${body}`);
    expect(seal.prev).toBe(prev);
    if (to !== "") expect(seal.from).toBe(to);
    expect(seal.to >= seal.from).toBe(true);
    const line = parseSignatureLine(sig)!;
    expect(isSigned(sealText(body), line.signature, namedKey(seal.key))).toBe(true);
    if (seal.keys !== undefined) {
      const [root, ...certificates] = seal.keys;
      let by = namedKey(root);
      for (const certificate of certificates) {
        expect(isCertified(seal.agent, certificate, by)).toBe(true);
        by = namedKey(certificate);
      }
      expect(by).toEqual(namedKey(seal.key));
    }
    prev = bodyHash(body);
    to = seal.to;
    return seal;
  });
}

function eventsIn(indexed: readonly IndexedEvent[]): Pick<Audit, "events" | "repeats"> {
  const events = new Map<string, Map<number, Buffer>>();
  let repeats = 0;
  for (const { event, fields = {} } of indexed) {
    const { tally_lane: lane, tally_block: block, tally_i: at } = fields;
    if (typeof lane !== "string") continue;
    const number = Number(block) * 1024 + Number(at);
    const bytes = rawOf(event);
    const of = events.get(lane) ?? new Map<number, Buffer>();
    events.set(lane, of);
    const known = of.get(number);
    if (known !== undefined) {
      repeats += 1;
      expect([lane, number, known.toString()]).toEqual([lane, number, bytes.toString()]);
    }
    of.set(number, bytes);
  }
  return { events, repeats };
}
