/**
 * The streams of a state file while it is read: those that may be very many are packed at once, so that a start with them takes
 * no more memory than what follows.
 */
import { AsleepInputs } from "./asleep-inputs.ts";

/** As a state file has it. */
interface StoredStream {
  readonly id: string;
  readonly input: string;
  readonly identity?: unknown;
  readonly checkpoint?: unknown;
  readonly lanes?: unknown;
}

/** Streams of files may be very many, all others are few. Those with lanes are known to more than their input. */
const many_kind = "file";

/** A stream that was read, and does not hold yet. */
export type ReadStream<Stream> = Stream | { readonly id: string; input: string; slot: number };

interface Kept<Stream> {
  readonly number: number;
  what: ReadStream<Stream>;
}

export class StreamsRead<Stream extends StoredStream> {
  /** Undefined where none is to be asleep. */
  readonly #asleep: AsleepInputs | undefined;
  readonly #kept = new Map<string, Kept<Stream>>();
  #next = 0;

  constructor(kind: "asleep" | "awake") {
    this.#asleep = kind === "asleep" ? new AsleepInputs() : undefined;
  }

  /** Keeps a stream for `put` or `drop`. */
  take(stream: Stream): ReadStream<Stream> {
    const { id, input, identity, checkpoint, lanes } = stream;
    const is_many =
      typeof identity === "object" &&
      identity !== null &&
      "kind" in identity &&
      identity.kind === many_kind;
    if (this.#asleep === undefined || !is_many || lanes !== undefined) return stream;
    // Its number is known when it holds.
    const slot = this.#asleep.of(input).add(0, { id, identity, checkpoint, note: null });
    return { id, input, slot };
  }

  /** Has a stream hold in place of what was read of it before. */
  put(what: ReadStream<Stream>): void {
    const before = this.#kept.get(what.id);
    if (before !== undefined) this.drop(before.what);
    const number = before?.number ?? this.#next++;
    if ("slot" in what) this.#asleep!.of(what.input).number(what.slot, number);
    if (before === undefined) this.#kept.set(what.id, { number, what });
    else before.what = what;
  }

  drop(what: ReadStream<Stream>): void {
    if ("slot" in what) this.#asleep!.of(what.input).delete(what.slot);
  }

  forget(id: string): void {
    const before = this.#kept.get(id);
    if (before === undefined) return;
    this.drop(before.what);
    this.#kept.delete(id);
  }

  /** All that hold. Where some are asleep, the others have their places in the order of all. */
  result(): { streams: Stream[]; numbers?: number[]; asleep?: AsleepInputs } {
    const streams: Stream[] = [];
    const numbers: number[] = [];
    for (const { number, what } of this.#kept.values()) {
      if ("slot" in what) continue;
      streams.push(what);
      numbers.push(number);
    }
    return this.#asleep === undefined ? { streams } : { streams, numbers, asleep: this.#asleep };
  }
}
