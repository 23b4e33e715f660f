/**
 * One tap: a sample of what is delivered, given to one client.
 *
 * Events are chosen by their number, evenly, before a byte of them is copied. How many a second is bounded, and so are their
 * bytes. They are gathered for a moment, since a write costs as much as twenty events. Nothing is kept for a client that does not
 * read: what it cannot take is counted and left out.
 */
import type { EventWay, TapCounts, TapRequest } from "../../admin/tap/tap-messages.ts";
import type { Client } from "../../admin/route.ts";
import type { PassingEvents } from "../../output/delivered.ts";
import type { Clock } from "../../platform/clock.ts";

const MiB = 1024 * 1024;
/** Copied a second at most; an event that is longer is left out. */
const bytes_per_second = 2 * MiB;
/** What a client may have left unread before more is left out. */
const unread_bytes_max = MiB;
/** How much is gathered for one write. */
const gathered_bytes_max = 64 * 1024;
const heads_max = 64;

/** An amount that grows with time up to what a second gives. */
class Allowance {
  readonly #per_second: number;
  readonly #clock: Clock;
  #amount: number;
  #at_ms: number;

  constructor(per_second: number, clock: Clock) {
    this.#per_second = per_second;
    this.#clock = clock;
    this.#amount = per_second;
    this.#at_ms = clock.monotonic();
  }

  /** What may be taken now. */
  get left(): number {
    const now_ms = this.#clock.monotonic();
    const gained = ((now_ms - this.#at_ms) * this.#per_second) / 1000;
    this.#at_ms = now_ms;
    this.#amount = Math.min(this.#per_second, this.#amount + gained);
    return this.#amount;
  }

  take(amount: number): void {
    this.#amount -= amount;
  }
}

export class Tap {
  readonly #request: TapRequest;
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #events: Allowance;
  readonly #bytes: Allowance;
  /** What is gathered: so many bytes of it. */
  #gathered: Buffer | undefined;
  #gathered_bytes = 0;
  /** What the line of an event begins with, by where it came from and went. */
  readonly #heads = new Map<string, Buffer>();
  #counted_ms: number;
  #passed = 0;
  #given = 0;
  #missed = 0;

  constructor(request: TapRequest, client: Client, clock: Clock) {
    this.#request = request;
    this.#client = client;
    this.#clock = clock;
    this.#events = new Allowance(request.rate, clock);
    this.#bytes = new Allowance(bytes_per_second, clock);
    this.#counted_ms = clock.monotonic();
  }

  /** Takes its sample of the first `count` events. */
  pass(output: string, events: PassingEvents, count: number): void {
    if (this.#request.output !== undefined && this.#request.output !== output) return;
    const runs = events.inputsOf(count);
    const { input: wanted } = this.#request;
    const isWanted = (input: string): boolean => wanted === undefined || wanted === input;
    let matching = 0;
    for (const run of runs) if (isWanted(run.input)) matching += run.events;
    this.#passed += matching;
    const chosen = Math.min(matching, Math.floor(this.#events.left));
    if (chosen === 0) return;
    this.#events.take(chosen);
    const is_read = this.#client.waiting_bytes <= unread_bytes_max;
    let [first, before, taken] = [0, 0, 0];
    for (const { input, events: length } of runs) {
      if (isWanted(input)) {
        for (; taken < chosen; taken += 1) {
          const at = Math.floor(((taken + 0.5) * matching) / chosen) - before;
          if (at >= length) break;
          this.#give({ input, output, path: events.path }, events.sentAt(first + at), is_read);
        }
        before += length;
      }
      first += length;
    }
  }

  /** Whether something is to be written before long. */
  get has_gathered(): boolean {
    return this.#gathered !== undefined;
  }

  /** Tells the client what has passed since this was last called. */
  count(): void {
    const now_ms = this.#clock.monotonic();
    const counts: TapCounts = {
      ms: Math.round(now_ms - this.#counted_ms),
      passed: this.#passed,
      given: this.#given,
      missed: this.#missed,
    };
    this.#counted_ms = now_ms;
    this.write();
    [this.#passed, this.#given, this.#missed] = [0, 0, 0];
    if (this.#client.waiting_bytes < 2 * unread_bytes_max) this.#client.write(lineOf({ counts }));
  }

  end(reason: string): void {
    this.count();
    this.#client.end(lineOf({ end: reason }));
  }

  /** Gives the client what is gathered. */
  write(): void {
    const gathered = this.#gathered?.subarray(0, this.#gathered_bytes);
    this.#gathered = undefined;
    this.#gathered_bytes = 0;
    if (gathered !== undefined) this.#client.write(gathered);
  }

  /** Counts it as missed where it is too much now. */
  #give(way: EventWay, sent: Buffer, is_read: boolean): void {
    if (!is_read || sent.length > this.#bytes.left) {
      this.#missed += 1;
      return;
    }
    this.#bytes.take(sent.length);
    this.#given += 1;
    const head = this.#headOf(way);
    const rest = `${sent.length}}}\n`;
    const length = head.length + rest.length + sent.length;
    if (this.#gathered_bytes + length > gathered_bytes_max) this.write();
    // Its bytes are used again once it has passed.
    if (length > gathered_bytes_max)
      return this.#client.write(Buffer.concat([head, Buffer.from(rest), sent]));
    const gathered = (this.#gathered ??= Buffer.allocUnsafe(gathered_bytes_max));
    gathered.set(head, this.#gathered_bytes);
    gathered.write(rest, this.#gathered_bytes + head.length, "latin1");
    gathered.set(sent, this.#gathered_bytes + length - sent.length);
    this.#gathered_bytes += length;
  }

  /** The line of an event up to its length: the same for nearly all of them. */
  #headOf(way: EventWay): Buffer {
    const key = `${way.input}\n${way.output}\n${way.path}`;
    let head = this.#heads.get(key);
    if (head === undefined) {
      head = Buffer.from(JSON.stringify({ event: { ...way, bytes: 0 } }).slice(0, -"0}}".length));
      if (this.#heads.size >= heads_max) this.#heads.clear();
      this.#heads.set(key, head);
    }
    return head;
  }
}

function lineOf(message: object): string {
  return `${JSON.stringify(message)}\n`;
}
