/** A journal at work: events put in by their text, what came out of it, its books, and restarts. */
import { Block, Records, type RecordInit, type Truncation } from "../../../src/event/block.ts";
import { Verdict, type Metadata } from "../../../src/event/event.ts";
import { LogEvent } from "../../../src/event/log-event.ts";
import { timeRule } from "./time-rules.ts";
import { Scanner } from "../../../src/event/scanner.ts";
import { Journal, type JournalDeps } from "../../../src/journal/journal.ts";
import type { Delivery } from "../../../src/journal/frames/delivery.ts";
import type { JournalIntake } from "../../../src/journal/reader.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import type { Receipt } from "../../../src/ledger/receipt.ts";
import { stateFile, state_version, type LedgerState } from "../../../src/ledger/state.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { CollectedLog } from "../collected-log.ts";

const time_rule = timeRule(["time"]);
const scanner = new Scanner([], { time: time_rule });
export const input = "weka";

export interface JournalingOptions extends Partial<Omit<JournalDeps, "options">> {
  directory: string;
  options?: Partial<JournalDeps["options"]>;
  state?: LedgerState | undefined;
}

/** What came out of the journal. */
export interface Given {
  readonly text: string;
  readonly time: string;
  readonly metadata: Metadata;
  readonly verdict: Verdict | undefined;
  readonly original: Truncation | undefined;
  readonly kept: RecordInit["kept"];
  readonly truncation: Truncation | undefined;
}

export class Journaling implements JournalIntake {
  readonly ledger: Ledger;
  readonly log: CollectedLog;
  readonly journal: Journal;
  readonly given: Given[] = [];
  readonly receipts: { receipt: Receipt; quarantined: number }[] = [];
  blocks = 0;
  idles = 0;
  /** While it is set, accept returns it. */
  backpressure: Promise<void> | undefined;

  private constructor(ledger: Ledger, log: CollectedLog, journal: Journal) {
    this.ledger = ledger;
    this.log = log;
    this.journal = journal;
  }

  static async open({ state, options, ...rest }: JournalingOptions): Promise<Journaling> {
    const ledger = new Ledger(state);
    const log = new CollectedLog();
    const defaults = { when_full: "block", max_bytes: 1024 ** 2, sync: "always" } as const;
    const journal = await Journal.open({
      input,
      ledger,
      log,
      clock: systemClock,
      options: { ...defaults, ...options },
      ...rest,
    });
    return new Journaling(ledger, log, journal);
  }

  get texts(): string[] {
    return this.given.map(({ text }) => text);
  }

  /** A delivery of these events. */
  delivery(texts: readonly string[], metadata: Metadata = { host: "weka-1" }): Delivery {
    const delivery = this.journal.delivery();
    for (const event of eventsOf(texts, { metadata })) delivery.add(event);
    return delivery;
  }

  append(texts: readonly string[], metadata?: Metadata): Promise<string> {
    return this.journal.append(this.delivery(texts, metadata));
  }

  start(): void {
    this.journal.start(this);
  }

  accept(block: Block): Promise<void> | undefined {
    this.blocks += 1;
    let quarantined = 0;
    for (let number = 0; number < block.count; number += 1) {
      const event = new LogEvent(block, number, scanner);
      const { verdict, original, kept } = block.known![number]!;
      if (verdict !== undefined) quarantined += 1;
      const { text, time, metadata, truncation } = event;
      this.given.push({ text, time, metadata, verdict, original, kept, truncation });
    }
    this.receipts.push({ receipt: block.receipt, quarantined });
    block.release();
    return this.backpressure;
  }

  idle(): void {
    this.idles += 1;
  }

  /** Settles the block at `index` of those that are open, or all of them. */
  settle(index?: number): void {
    const open = index === undefined ? this.receipts.splice(0) : this.receipts.splice(index, 1);
    for (const { receipt, quarantined } of open) {
      receipt.settle(this.ledger.account("quarantined", "unreadable"), quarantined);
      receipt.settle(this.ledger.account("delivered", "test"), receipt.pending);
    }
  }

  /** The state as it is written, through text and back; the journal is told that it was. */
  save(): LedgerState {
    const snapshot = this.ledger.snapshot();
    const text = JSON.stringify({ version: state_version, ...snapshot.state });
    this.ledger.saved(snapshot, true);
    const { inputs, streams } = stateFile.parse(JSON.parse(text));
    return { inputs, streams };
  }
}

export interface EventsFacts {
  metadata?: Metadata;
  truncations?: ReadonlyMap<number, Truncation>;
}

/** Events as an input brings them, one for each text. */
export function eventsOf(texts: readonly (string | Buffer)[], facts: EventsFacts = {}) {
  const parts = texts.map((text) => Buffer.from(text));
  const starts = new Int32Array(parts.length);
  const ends = new Int32Array(parts.length);
  let at = 0;
  parts.forEach((part, number) => {
    starts[number] = at;
    at += part.length;
    ends[number] = at;
  });
  const { metadata = { host: "weka-1" }, truncations } = facts;
  const records = new Records({
    origin: { input, stream: "test", metadata, time: time_rule },
    bytes: Buffer.concat(parts),
    starts,
    ends,
    count: parts.length,
    offset: 0,
    read_at_ms: 1_742_539_047_915,
    ...(truncations && { truncations }),
  });
  return parts.map((_, number) => new LogEvent(records, number, scanner));
}
