/**
 * A lane: the events of one stream that go to one output and index, numbered without a gap in the order in which they do.
 *
 * The same event has the same number when it is read again after a crash: a lane counts on from where the written state is. Where
 * that cannot hold, another epoch begins, and all numbers with it: see epoch.ts.
 */

/** Where an event is in the sequence of its lane. */
export interface Place {
  readonly lane: Lane;
  /** From 0 on in each epoch. */
  readonly number: number;
}

/** The stream of lanes that another agent's events have brought along. */
export const foreign_stream = "";

/** What a lane is of. */
export interface LaneOf {
  /** The stream's id in the ledger. */
  readonly stream: string;
  readonly input: string;
  readonly output: string;
  /** Undefined is the default index of the output. */
  readonly index: string | undefined;
}

/** Looks at the bytes of a lane's events when they are encoded. */
export interface LaneRecorder {
  /** Event `number` goes out as `bytes` from `start` to `end`. Nothing of them is kept after it. */
  record(number: number, bytes: Buffer, start: number, end: number): void;
  /** The event is not delivered as it was recorded, or not at all. Says whether it was recorded. */
  spoil(number: number): boolean;
}

/** Numbers of which nothing is proven: their events are not delivered, or not as they were recorded. */
export interface Hole {
  readonly number: number;
  readonly reason: string;
}

export class Lane implements LaneOf {
  /** Eight characters of base32. */
  readonly id: string;
  readonly epoch: number;
  /** Id and epoch, as events carry them. */
  readonly name: string;
  readonly stream: string;
  readonly input: string;
  readonly output: string;
  readonly index: string | undefined;
  /** The stream's name for people: a file's path. Empty before the first event of this run. */
  source = "";
  /** The number of the next event. */
  next: number;
  /** Every event with a smaller number is settled, and a checkpoint has passed it. */
  committed: number;
  /** Of those, how many were not delivered: they are in quarantine, or a step has ended them. */
  undelivered = 0;
  /** Whether its stream goes on in another epoch, or not at all. What is open of it may still be settled. */
  is_ended = false;
  /** Undefined where nobody looks. */
  recorder: LaneRecorder | undefined = undefined;

  constructor(id: string, epoch: number, of: LaneOf, next = 0) {
    this.id = id;
    this.epoch = epoch;
    this.name = `${id}.${epoch}`;
    this.stream = of.stream;
    this.input = of.input;
    this.output = of.output;
    this.index = of.index;
    this.next = next;
    this.committed = next;
  }

  /** Gives the next event its place. */
  take(): Place {
    const number = this.next;
    this.next = number + 1;
    return { lane: this, number };
  }
}
