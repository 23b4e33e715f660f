/** What agents and aggregators say of their books when they are asked: how far each lane is. A long report comes in parts. */
import { z } from "zod";
import { isAgentName } from "../subjects.ts";

/** Of an answer: some 100 bytes for each lane have to fit into a message. */
const lanes_per_part = 2000;
const parts_max = 1000;
const version = 1;

const count = z.number().int().nonnegative();
const ended = z.object({ lanes: count, events: count });

/** Of an agent: numbers of one lane. */
const agentLane = z.object({
  /** Id and epoch. */
  lane: z.string().max(64),
  /** The stream's name for people, where it is known. */
  source: z.string(),
  given: count,
  /** Settled, by the first numbers of those, and of these not delivered. */
  committed: count,
  undelivered: count,
});

/** Of an aggregator: numbers of one lane of an agent. */
const receivedLane = z.object({
  agent: z.string().refine(isAgentName),
  lane: z.string().max(64),
  /** Events that it has taken on itself, and that are settled. */
  events: count,
  /** The numbers that are settled: by it, or by others that have said so. */
  settled: z.array(z.tuple([count, count])),
});

const fatesOfInput = z.object({
  received: count,
  delivered: count,
  filtered: count,
  quarantined: count,
  dropped: count,
  in_flight: count,
});

const head = {
  /** When it was made. */
  at: z.iso.datetime(),
  /** For people: an aggregator's machine. */
  name: z.string().max(256),
  /** The run that says so. */
  instance: z.string().max(64).optional(),
  /** The name of its output, or of its input. */
  of: z.string().max(256),
};

const agentReport = z.object({
  ...head,
  role: z.literal("agent"),
  id: z.string().refine(isAgentName),
  confirm: z.enum(["delivery", "stream"]),
  lanes: z.array(agentLane),
  /** Of lanes that are no more. */
  ended,
});

const aggregatorReport = z.object({
  ...head,
  role: z.literal("aggregator"),
  id: z.string().refine(isAgentName),
  fates: fatesOfInput,
  lanes: z.array(receivedLane),
  /** By agent: of lanes that it has forgotten. */
  ended: z.record(z.string(), ended),
});

export const report = z.lazy(() => z.discriminatedUnion("role", [agentReport, aggregatorReport]));

export type AgentLaneReport = z.infer<typeof agentLane>;
export type ReceivedLaneReport = z.infer<typeof receivedLane>;
export type AgentReport = z.infer<typeof agentReport>;
export type AggregatorReport = z.infer<typeof aggregatorReport>;
export type Report = AgentReport | AggregatorReport;

const partSchema = z.lazy(() =>
  z.object({
    v: z.literal(version),
    ask: z.string(),
    part: count,
    parts: count.min(1).max(parts_max),
    report: z.unknown(),
  }),
);

/** The messages that answer a question. */
export function* partsOf(made: Report, ask: string): Generator<string> {
  const { lanes } = made;
  const parts = Math.min(Math.max(Math.ceil(lanes.length / lanes_per_part), 1), parts_max);
  for (let part = 0; part < parts; part += 1) {
    const some = lanes.slice(part * lanes_per_part, (part + 1) * lanes_per_part);
    yield JSON.stringify({ v: version, ask, part, parts, report: { ...made, lanes: some } });
  }
}

export interface Part {
  readonly part: number;
  readonly parts: number;
  readonly report: Report;
}

/** Undefined where it is no part of what was asked for. */
export function readPart(text: string, ask: string): Part | undefined {
  const read = partSchema.safeParse(parsed(text));
  if (!read.success || read.data.ask !== ask) return undefined;
  const { part, parts } = read.data;
  const some = report.safeParse(read.data.report);
  return some.success ? { part, parts, report: some.data } : undefined;
}

/** A report whose parts come one by one. */
export class Parts {
  readonly #parts = new Map<number, Report>();
  #count = Infinity;

  add(part: Part): void {
    this.#count = part.parts;
    this.#parts.set(part.part, part.report);
  }

  /** Undefined until all are there. */
  get whole(): Report | undefined {
    const [first] = this.#parts.values();
    if (first === undefined || this.#parts.size < this.#count) return undefined;
    const lanes = [...this.#parts.values()].flatMap((each): unknown[] => each.lanes);
    return { ...first, lanes } as Report;
  }
}

export function writeAsk(id: string): string {
  return JSON.stringify({ v: version, id });
}

/** The question's id; undefined where it is none. */
export function readAsk(text: string): string | undefined {
  const value = parsed(text) as { v?: unknown; id?: unknown } | undefined | null;
  const is_one = value?.v === version && typeof value.id === "string" && value.id.length <= 64;
  return is_one ? (value.id as string) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
