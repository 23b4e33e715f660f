/**
 * The streams of a state file while it is read: those that may be very many are packed at once, so that a start with them takes
 * no more memory than what follows.
 */
import { SlotIndex } from "../../platform/packing/slot-index.ts";
import { AsleepInputs } from "./asleep-inputs.ts";
import { many_kind, StreamLine } from "./stream-line.ts";

/** As a state file has it. */
interface StoredStream {
  readonly id: string;
  readonly input: string;
  readonly identity?: unknown;
  readonly checkpoint?: unknown;
  readonly lanes?: unknown;
}

interface AsleepRead {
  readonly id: string;
  readonly input: string;
  readonly slot: number;
}

/** A stream that was read, and does not hold yet. */
export type ReadStream<Stream> = Stream | AsleepRead;

/** One that holds, and its place in the order of all. */
interface Kept<Stream> {
  readonly number: number;
  stream: Stream;
}

export class StreamsRead<Stream extends StoredStream> {
  /** Undefined where none is to be asleep. */
  readonly #asleep: AsleepInputs | undefined;
  /** Of those that hold: the ones that are asleep by input and id, and the others. */
  readonly #slots = new Map<string, SlotIndex>();
  readonly #awake = new Map<string, Kept<Stream>>();
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
    // Those with lanes are known to more than their input.
    if (this.#asleep === undefined || !is_many || lanes !== undefined) return stream;
    // Its number is known when it holds.
    const slot = this.#asleep.of(input).add(0, { id, identity, checkpoint, note: null });
    return { id, input, slot };
  }

  /** The same of a line, without its beginning, that has such a stream and is as nearly all are; undefined where it has to be parsed. */
  takeText(bytes: Buffer): AsleepRead | undefined {
    const line = this.#asleep && StreamLine.of(bytes);
    if (line === undefined) return undefined;
    const { id, input } = line;
    const slot = this.#asleep!.of(input).addText((list) => line.pack(list));
    return slot === undefined ? undefined : { id, input, slot };
  }

  /** Has a stream hold in place of what was read of it before. */
  put(what: ReadStream<Stream>): void {
    const number = this.#takeOut(what.id) ?? this.#next++;
    if ("slot" in what) {
      this.#asleep!.of(what.input).number(what.slot, number);
      this.#indexOf(what.input).add(what.id, what.slot);
    } else this.#awake.set(what.id, { number, stream: what });
  }

  drop(what: ReadStream<Stream>): void {
    if ("slot" in what) this.#asleep!.of(what.input).delete(what.slot);
  }

  forget(id: string): void {
    this.#takeOut(id);
  }

  /** All that hold. Where some are asleep, the others have their places in the order of all. */
  result(): { streams: Stream[]; numbers?: number[]; asleep?: AsleepInputs } {
    const awake = [...this.#awake.values()].sort((one, other) => one.number - other.number);
    const streams = awake.map(({ stream }) => stream);
    if (this.#asleep === undefined) return { streams };
    return { streams, numbers: awake.map(({ number }) => number), asleep: this.#asleep };
  }

  /** The number of the stream that holds; undefined where none does. */
  #takeOut(id: string): number | undefined {
    const awake = this.#awake.size === 0 ? undefined : this.#awake.get(id);
    if (awake !== undefined) {
      this.#awake.delete(id);
      return awake.number;
    }
    for (const [input, index] of this.#slots) {
      const streams = this.#asleep!.of(input);
      const slot = index.find(id, (found) => streams.idAt(found) === id);
      if (slot === undefined) continue;
      const number = streams.numberOf(slot);
      index.delete(id, slot);
      streams.delete(slot);
      return number;
    }
    return undefined;
  }

  #indexOf(input: string): SlotIndex {
    const index = this.#slots.get(input) ?? new SlotIndex();
    this.#slots.set(input, index);
    return index;
  }
}
