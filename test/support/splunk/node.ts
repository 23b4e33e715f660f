/**
 * One node of Splunk as a model without a socket: a request in, what it accepted and what the sender sees out.
 *
 * Measured on Splunk Enterprise 10.4 and Splunk Cloud 10.5: what stands before a bad event is accepted; an error on
 * a token with acknowledgement carries an id for that part; ids are counted by token and channel, from 0. An event that
 * was accepted is in a queue at first: it is lost where the node dies before it is indexed.
 */
import type { Reading } from "../events/envelopes.ts";
import { Acknowledgements, type AcknowledgementLimits } from "./acknowledgements.ts";
import type { Behaviour, NumberGiven, Wire } from "./behaviour.ts";
import { ackReply, hecReply, notFound, page, type HecReply } from "./replies.ts";
import { channelOf, plainOf, tokenOf, type HecCall, type Token } from "./call.ts";
import type { Take } from "./take.ts";

/** The state that a node says it is in; its health is the same. */
export type Phase =
  | "up"
  | "near_capacity"
  | "near_ack_capacity"
  | "queues_full"
  | "at_capacity"
  | "ack_unavailable"
  | "stopping"
  | "restarting";

export interface NodeFacts<E> {
  /** Milliseconds; never goes back. */
  now: () => number;
  tokens: ReadonlyMap<string, Token>;
  /** Reads a body in event mode. `indexes` are those that the token may write to. */
  read: (body: Buffer, indexes: ReadonlySet<string> | undefined) => Reading<E>;
  /** Reads a body in raw mode. */
  readRaw: (body: Buffer, path: string) => readonly E[];
  /** Called when events are accepted; indexed they are later. */
  onAccepted?: (take: Take<E>) => void;
  onIndexed: (take: Take<E>) => void;
  /** How long an accepted event is in the queue; Infinity is for ever. */
  indexAfterMs: () => number;
  /** Splunk Cloud words a missing channel and too large a body in its own way. */
  cloud?: boolean;
  /** The node's, where it is not to be Splunk's own. */
  body_bytes_max?: number;
  acknowledgements?: AcknowledgementLimits;
}

export interface Served<E> {
  readonly wire: Wire;
  /** What the sender knows to be accepted (or, in a reply to a poll, to be indexed) once the reply has come whole. */
  readonly tells: readonly Take<E>[];
  /** What the sender is promised an acknowledgement for, once the reply has come whole. */
  readonly promises: readonly Take<E>[];
}

interface Handled<E> extends Omit<Served<E>, "wire"> {
  readonly reply: HecReply;
}

const cloud_bytes_max = 5_242_880;
const enterprise_bytes_max = 838_860_800;
const default_limits: AcknowledgementLimits = { idle_ms_max: 600_000, pending_max: 1_000_000 };
const refusing_phases: Partial<Record<Phase, number>> = {
  queues_full: 9,
  at_capacity: 26,
  stopping: 23,
};
const health_codes: Partial<Record<Phase, number>> = {
  queues_full: 18,
  at_capacity: 18,
  ack_unavailable: 19,
  stopping: 23,
};

export class SplunkNode<E> {
  phase: Phase = "up";
  /** Largest body that is accepted, before compression. */
  body_bytes_max: number;
  readonly #facts: NodeFacts<E>;
  readonly #acknowledgements: Acknowledgements<E>;
  #queue: Take<E>[] = [];

  constructor(facts: NodeFacts<E>) {
    this.#facts = facts;
    const { cloud, body_bytes_max } = facts;
    this.body_bytes_max = body_bytes_max ?? (cloud ? cloud_bytes_max : enterprise_bytes_max);
    this.#acknowledgements = new Acknowledgements(facts.acknowledgements ?? default_limits);
  }

  /** Does with a whole request what the behaviour says. */
  serve(call: HecCall, behaviour: Behaviour): Served<E> {
    this.advance();
    switch (behaviour.kind) {
      case "normal": {
        const { reply, ...learnt } = this.#handle(call, behaviour.number);
        const { code, text = "Success", delay_ms = 0 } = behaviour;
        const said =
          code !== undefined && reply.status === 200 ? withCode(reply, code, text) : reply;
        return { wire: { kind: "reply", reply: said, delay_ms }, ...learnt };
      }
      case "answer": {
        const { status, headers = {}, body = "", taken } = behaviour;
        if (taken) this.#handle(call);
        return untold({ kind: "reply", reply: { status, headers, body }, delay_ms: 0 });
      }
      case "busy":
        return this.#serveInPart(call, behaviour);
      case "hang":
        if (behaviour.taken) this.#handle(call);
        return untold({ kind: "silence" });
      case "reset": {
        const during = behaviour.when === "during_answer";
        const handled = during || behaviour.taken ? this.#handle(call) : undefined;
        return untold({ kind: "reset", during: during ? handled?.reply : undefined });
      }
      case "close":
        if (behaviour.taken) this.#handle(call);
        return untold({ kind: "close" });
      case "wrong_length": {
        const { reply } = this.#handle(call);
        return untold({ kind: "wrong_length", reply, bytes: behaviour.bytes });
      }
      case "half_answer":
        return untold({ kind: "half_answer", reply: this.#handle(call).reply });
      case "drip":
        if (behaviour.taken) this.#handle(call);
        return untold({ kind: "drip", status: behaviour.status });
      case "garbage":
        if (behaviour.taken) this.#handle(call);
        return untold({ kind: "garbage", bytes: behaviour.bytes });
    }
  }

  /** Indexes what has been in the queue for long enough. */
  advance(): void {
    const now = this.#facts.now();
    if (!this.#queue.some(({ due_ms }) => due_ms <= now)) return;
    const queue = this.#queue;
    this.#queue = queue.filter(({ due_ms }) => due_ms > now);
    for (const take of queue) if (take.due_ms <= now) this.#index(take);
  }

  /** Forgets all channels, as where they were idle for too long. */
  forgetChannels(): void {
    this.#acknowledgements.clear();
  }

  /** Begins again, with no channel; after a crash, also without what was in the queue. */
  restart(how: "orderly" | "crash"): void {
    for (const take of this.#queue) {
      if (how === "orderly") this.#index(take);
      else take.state = "lost";
    }
    this.#queue = [];
    this.forgetChannels();
  }

  #index(take: Take<E>): void {
    take.state = "indexed";
    this.#facts.onIndexed(take);
  }

  #handle(call: HecCall, number: NumberGiven = "right"): Handled<E> {
    const path = call.path.replace(/\?.*/s, "").replace(/\/1\.0$/, "");
    const kind = paths.get(path);
    if (this.phase === "restarting" || kind === undefined) return silent(notFound(404));
    const methods = kind === "health" ? "GET,HEAD,OPTIONS" : "POST,OPTIONS";
    if (call.method === "OPTIONS") {
      return silent({ status: 200, headers: { allow: methods }, body: "" });
    }
    if (!methods.split(",").includes(call.method)) return silent(notFound(405));
    if (kind === "health") return silent(this.#health(call));
    const token = tokenOf(call, this.#facts.tokens);
    if (typeof token === "number") return silent(hecReply(token));
    if (kind === "ack") return this.#poll(call, token);
    const refusing = refusing_phases[this.phase];
    if (refusing !== undefined) return silent(hecReply(refusing));
    return this.#post(call, token, { kind, number });
  }

  #health(call: HecCall): HecReply {
    const asks_for_ack = /[?&]ack=(?:1|true)\b/.test(call.path);
    const code = health_codes[this.phase] ?? 17;
    return hecReply(code === 19 && !asks_for_ack ? 17 : code);
  }

  #poll(call: HecCall, token: string): Handled<E> {
    if (!this.#facts.tokens.get(token)!.ack) return silent(hecReply(14));
    const channel = channelOf(call);
    if (channel === undefined) return silent(hecReply(this.#facts.cloud ? 28 : 10));
    if (channel === null) return silent(hecReply(11));
    if (this.phase === "ack_unavailable") return silent(hecReply(19));
    if (this.phase === "stopping") return silent(hecReply(23));
    const ids = idsIn(plainOf(call));
    if (ids === undefined) return silent(hecReply(6));
    const told = this.#acknowledgements.collect(ids, token, channel, this.#facts.now());
    const reply = ackReply(Object.fromEntries(ids.map((id) => [String(id), told.has(id)])));
    return { reply, tells: [...told.values()], promises: [] };
  }

  #post(
    call: HecCall,
    token: string,
    { kind, number }: { kind: "event" | "raw"; number: NumberGiven },
  ): Handled<E> {
    const { tokens, cloud, now, acknowledgements } = this.#facts;
    const { ack, indexes } = tokens.get(token)!;
    const channel = channelOf(call);
    if (ack && channel === undefined) return silent(hecReply(cloud ? 28 : 10));
    if (channel === null) return silent(hecReply(11));
    const encoding = call.headers["content-encoding"];
    if (encoding !== undefined && encoding !== "gzip") return silent(page(415));
    const plain = plainOf(call);
    if (plain === undefined) return silent(hecReply(6));
    if (plain.length > this.body_bytes_max) {
      return silent(cloud ? hecReply(6, { "invalid-event-number": 0 }) : page(413));
    }
    if (ack && this.#acknowledgements.full(token, channel!, now())) {
      return silent(hecReply(acknowledgements === undefined ? 9 : 27));
    }
    const reading =
      kind === "event" ? this.#facts.read(plain, indexes) : this.#readRaw(plain, call.path);
    const take = this.#accept(reading.events);
    const acked = ack && take !== undefined;
    const ackId = acked ? this.#acknowledgements.issue(take, token, channel!, now()) : undefined;
    const { invalid_event_number: right } = reading;
    const given = right === undefined ? undefined : numberGiven(right, number, reading.events);
    const success =
      this.phase === "near_capacity" ? 24 : this.phase === "near_ack_capacity" ? 25 : 0;
    const reply = hecReply(reading.code === 0 ? success : reading.code, {
      ...(given === undefined ? {} : { "invalid-event-number": given }),
      ...(ackId === undefined ? {} : { ackId }),
    });
    const says = reading.code === 0 || (right !== undefined && given === right);
    return { reply, ...learntOf(says ? take : undefined, ack) };
  }

  #readRaw(body: Buffer, path: string): Reading<E> {
    const events = this.#facts.readRaw(body, path);
    if (events.length === 0) return { events, code: 5 };
    return { events, code: 0 };
  }

  #serveInPart(call: HecCall, behaviour: Behaviour & { kind: "busy" }): Served<E> {
    const { tokens, read, now } = this.#facts;
    const { code, taken, named, unpromised, retry_after } = behaviour;
    const token = tokenOf(call, this.#facts.tokens);
    const plain = plainOf(call);
    const readable = typeof token === "string" && plain !== undefined && call.method === "POST";
    if (!readable || paths.get(call.path.replace(/\?.*/s, "")) !== "event") {
      return untold({ kind: "reply", reply: hecReply(code), delay_ms: 0 });
    }
    const { ack, indexes } = tokens.get(token)!;
    const reading = read(plain, indexes);
    // What it cannot take any more is one event at least.
    const most = reading.code === 0 ? reading.events.length - 1 : reading.events.length;
    const events = reading.events.slice(0, Math.min(taken, most));
    const take = this.#accept(events);
    const channel = channelOf(call);
    const acked = ack && named && !unpromised && take !== undefined && typeof channel === "string";
    const ackId = acked ? this.#acknowledgements.issue(take, token, channel, now()) : undefined;
    const reply = hecReply(code, {
      ...(named ? { "invalid-event-number": events.length } : {}),
      ...(ackId === undefined ? {} : { ackId }),
    });
    const headers = {
      ...reply.headers,
      ...(retry_after === undefined ? {} : { "retry-after": retry_after }),
    };
    const wire: Wire = { kind: "reply", reply: { ...reply, headers }, delay_ms: 0 };
    return { wire, ...learntOf(named && !(ack && unpromised) ? take : undefined, ack) };
  }

  /** Takes the events into the queue; undefined where there are none. */
  #accept(events: readonly E[]): Take<E> | undefined {
    if (events.length === 0) return undefined;
    const due_ms = this.#facts.now() + this.#facts.indexAfterMs();
    const take: Take<E> = { events, state: "queued", due_ms };
    this.#facts.onAccepted?.(take);
    if (due_ms <= this.#facts.now()) this.#index(take);
    else this.#queue.push(take);
    return take;
  }
}

const paths = new Map<string, "event" | "raw" | "ack" | "health">([
  ["/services/collector", "event"],
  ["/services/collector/event", "event"],
  ["/services/collector/raw", "raw"],
  ["/services/collector/ack", "ack"],
  ["/services/collector/health", "health"],
]);

function silent<E>(reply: HecReply): Handled<E> {
  return { reply, tells: [], promises: [] };
}

/** What the sender learns of a take that a reply speaks of, on a token with acknowledgement or without. */
function learntOf<E>(
  take: Take<E> | undefined,
  ack: boolean,
): Pick<Served<E>, "tells" | "promises"> {
  const takes = take === undefined ? [] : [take];
  return ack ? { tells: [], promises: takes } : { tells: takes, promises: [] };
}

function untold<E>(wire: Wire): Served<E> {
  return { wire, tells: [], promises: [] };
}

function numberGiven(
  right: number,
  number: NumberGiven,
  accepted: readonly unknown[],
): number | string | undefined {
  switch (number) {
    case "right":
      return right;
    case "missing":
      return undefined;
    case "negative":
      return -1;
    case "beyond":
      return accepted.length + 1_000_000;
    case "text":
      return String(right);
  }
}

function withCode(reply: HecReply, code: number, text: string): HecReply {
  const members = JSON.parse(reply.body) as object;
  return { ...reply, body: JSON.stringify({ ...members, text, code }) };
}

function idsIn(body: Buffer | undefined): number[] | undefined {
  try {
    const { acks } = JSON.parse(body?.toString() ?? "") as { acks: unknown };
    const fine = Array.isArray(acks) && acks.length > 0 && acks.every(Number.isSafeInteger);
    return fine ? (acks as number[]) : undefined;
  } catch {
    return undefined;
  }
}
