/**
 * The memory that a chain and the thread of an isolated step share. One of the two has the turn; who gives it away waits
 * until it comes back, the chain for a bounded time.
 *
 *     [ head: text | body: the record ]   and in a memory of its own: whose turn, does the thread sleep, what, how long
 */

const memory_bytes = 64 * 1024;
/** Reserved, not used, until an event is that large. */
const memory_bytes_max = 64 * 1024 * 1024;

const cell = { turn: 0, asleep: 1, kind: 2, head: 3, body: 4, ended: 5, answered: 6 } as const;
const cells = 7;
const turn = { chain: 0, thread: 1 } as const;

/**
 * A wait is so many short ones. A process that is stopped or frozen meanwhile loses one of them, rather than all of the time
 * that the thread has.
 */
const waits = 10;

/** What is handed over to the thread when it starts. */
export interface ChannelMemory {
  readonly control: SharedArrayBuffer;
  readonly content: SharedArrayBuffer;
}

/** What one side says to the other. */
export interface Parcel {
  readonly kind: number;
  readonly head: string;
  readonly body: Buffer;
}

/** Writes `length` bytes to the target, from `at` on. */
export interface BodySource {
  readonly length: number;
  copyTo(target: Buffer, at: number): void;
}

export class Channel {
  readonly memory: ChannelMemory;
  readonly #control: Int32Array;
  #content: Buffer;

  constructor(memory?: ChannelMemory) {
    this.memory = memory ?? {
      control: new SharedArrayBuffer(cells * 4),
      content: new SharedArrayBuffer(memory_bytes, { maxByteLength: memory_bytes_max }),
    };
    this.#control = new Int32Array(this.memory.control);
    this.#content = Buffer.from(this.memory.content, 0, this.memory.content.byteLength);
  }

  /** False where there is no room for that much. */
  write(kind: number, head: string, body: BodySource): boolean {
    // A character of a string has up to three bytes.
    const needed = head.length * 3 + body.length;
    if (needed > memory_bytes_max) return false;
    this.#grow(needed);
    const head_bytes = this.#content.write(head, 0);
    body.copyTo(this.#content, head_bytes);
    const control = this.#control;
    control[cell.kind] = kind;
    control[cell.head] = head_bytes;
    control[cell.body] = body.length;
    return true;
  }

  /** A copy of what is there. */
  read(): Parcel {
    this.#grow(0);
    const control = this.#control;
    const head_bytes = control[cell.head]!;
    const head = this.#content.toString("utf8", 0, head_bytes);
    const body = Buffer.from(this.#content.subarray(head_bytes, head_bytes + control[cell.body]!));
    return { kind: control[cell.kind]!, head, body };
  }

  /** Whether the thread has said that it ends. */
  get has_ended(): boolean {
    return Atomics.load(this.#control, cell.ended) === 1;
  }

  /**
   * Gives the turn to the thread, and waits for its answer. `wake` is called where the thread sleeps, `onWait` a few times
   * meanwhile. False without an answer.
   */
  ask(wait_ms: number, wake: () => void, onWait: () => void): boolean {
    const control = this.#control;
    Atomics.store(control, cell.answered, 0);
    Atomics.store(control, cell.turn, turn.thread);
    Atomics.notify(control, cell.turn);
    if (Atomics.load(control, cell.asleep) === 1) wake();
    for (let wait = 0; wait < waits; wait += 1) {
      onWait();
      if (Atomics.wait(control, cell.turn, turn.thread, wait_ms / waits) !== "timed-out") break;
    }
    return Atomics.load(control, cell.answered) === 1;
  }

  /** Whether it is the thread's turn, which waits for that, blocking, as long. */
  isAsked(wait_ms: number): boolean {
    const control = this.#control;
    if (Atomics.load(control, cell.turn) === turn.thread) return true;
    if (wait_ms > 0) Atomics.wait(control, cell.turn, turn.chain, wait_ms);
    return Atomics.load(control, cell.turn) === turn.thread;
  }

  /** Gives the turn back to the chain. */
  answer(): void {
    Atomics.store(this.#control, cell.answered, 1);
    this.#giveBack();
  }

  /** Says that the thread ends, and lets go of a chain that waits for it. */
  end(): void {
    Atomics.store(this.#control, cell.ended, 1);
    this.#giveBack();
  }

  /** Says whether the thread has to be woken up by a message. */
  sleeps(asleep: boolean): void {
    Atomics.store(this.#control, cell.asleep, asleep ? 1 : 0);
  }

  #giveBack(): void {
    Atomics.store(this.#control, cell.turn, turn.chain);
    Atomics.notify(this.#control, cell.turn);
  }

  #grow(needed: number): void {
    const { content } = this.memory;
    if (needed > content.byteLength) content.grow(Math.min(2 * needed, memory_bytes_max));
    if (content.byteLength === this.#content.length) return;
    this.#content = Buffer.from(content, 0, content.byteLength);
  }
}
