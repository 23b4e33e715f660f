/**
 * The shape of the books: what came in, and what became of it.
 *
 *     received = delivered + filtered + quarantined + dropped + in flight
 */

/** What can become of an event. */
export const fates = ["delivered", "filtered", "quarantined", "dropped"] as const;
export type Fate = (typeof fates)[number];

/** Counts of events by reason. The reason is an output's name, a step's name, or a drop reason. */
export type CountsByReason = Record<string, number>;

/** The books of one input. All counts are events, but for those that say bytes. */
export interface InputBooks {
  received: number;
  received_bytes: number;
  /** How many of the received came before, and were taken out of quarantine to be replayed. */
  replayed: number;
  /** How many of the received did not come in: steps made them of others. By the step's name. */
  made: CountsByReason;
  delivered: CountsByReason;
  filtered: CountsByReason;
  quarantined: CountsByReason;
  dropped: CountsByReason;
  /** Bytes that are known to have existed and could not be read, by reason. No event count is known. */
  lost_bytes: CountsByReason;
  /** Bytes that may have existed and been overwritten unread: at most so many, and perhaps none. Not a loss that is known. */
  maybe_lost_bytes: number;
  /** How many of the quarantined are not in quarantine any more, and are lost, by reason. */
  quarantine_removed: CountsByReason;
}

export interface InputBooksNow extends InputBooks {
  in_flight: number;
}

export interface Books {
  inputs: Record<string, InputBooksNow>;
  /** Sums over all inputs. */
  total: Record<
    | Fate
    | "received"
    | "replayed"
    | "made"
    | "in_flight"
    | "lost_bytes"
    | "maybe_lost_bytes"
    | "quarantine_removed",
    number
  >;
  /** Whether received = delivered + filtered + quarantined + dropped + in flight, for every input. */
  balanced: boolean;
}

export function emptyBooks(): InputBooks {
  return {
    received: 0,
    received_bytes: 0,
    replayed: 0,
    made: {},
    delivered: {},
    filtered: {},
    quarantined: {},
    dropped: {},
    lost_bytes: {},
    maybe_lost_bytes: 0,
    quarantine_removed: {},
  };
}

/** The count under a name. A name may be one that every object has, such as `constructor`. */
export function countIn(counts: CountsByReason, name: string): number {
  return Object.hasOwn(counts, name) ? counts[name]! : 0;
}

/** Adds `count` to what is under a name. */
export function addTo(counts: CountsByReason, name: string, count: number): void {
  counts[name] = countIn(counts, name) + count;
}

export function sumOf(counts: CountsByReason): number {
  let sum = 0;
  for (const count of Object.values(counts)) sum += count;
  return sum;
}

/** Sums the books of all inputs and checks that they balance. */
export function closeBooks(inputs: Record<string, InputBooksNow>): Books {
  const total = {
    received: 0,
    replayed: 0,
    made: 0,
    delivered: 0,
    filtered: 0,
    quarantined: 0,
    dropped: 0,
    in_flight: 0,
    lost_bytes: 0,
    maybe_lost_bytes: 0,
    quarantine_removed: 0,
  };
  let balanced = true;
  for (const books of Object.values(inputs)) {
    let accounted = books.in_flight;
    for (const fate of fates) {
      const count = sumOf(books[fate]);
      total[fate] += count;
      accounted += count;
    }
    total.received += books.received;
    total.in_flight += books.in_flight;
    total.replayed += books.replayed;
    total.made += sumOf(books.made);
    total.lost_bytes += sumOf(books.lost_bytes);
    total.maybe_lost_bytes += books.maybe_lost_bytes;
    total.quarantine_removed += sumOf(books.quarantine_removed);
    if (accounted !== books.received) balanced = false;
  }
  return { inputs, total, balanced };
}
