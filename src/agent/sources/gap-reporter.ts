/**
 * Reports to Splunk what was dropped or lost: gap events, sourcetype `tallyman:gap`, through the output that all events take.
 *
 * What was reported is the checkpoint of a stream of its own. So a gap is reported once although the agent is killed, and again
 * only where other events may be repeated, too. Gap events are in the books like any others, under the input `tallyman`.
 */
import { z } from "zod";
import { own_input } from "../../config/config.ts";
import { Block } from "../../event/block.ts";
import type { Metadata } from "../../event/event.ts";
import type { Intake } from "../../inputs/input.ts";
import { Gaps, reportedGaps, type Gap, type ReportedGaps } from "../../ledger/gaps.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { StreamLedger } from "../../ledger/stream-ledger.ts";
import type { Clock } from "../../platform/clock.ts";
import { machineName } from "../../platform/process/machine-name.ts";
import type { Source } from "./source.ts";

const look_interval_ms = 1000;
const gapsIdentity = z.object({ kind: z.literal("gaps") });

export interface GapReporterDeps {
  ledger: Ledger;
  clock: Clock;
  intake: Intake;
  /** The index that the events of an input go to, where it names one: its gaps go there, too. */
  indexOf: (input: string) => string | undefined;
}

export class GapReporter implements Source {
  readonly #deps: GapReporterDeps;
  readonly #stopping = new AbortController();
  /** Opened with the first gap: most agents never have one. */
  #stream: StreamLedger | undefined;
  /** What was reported is not known before the start, and a stop may come without one: when another input cannot start. */
  #gaps: Gaps | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(deps: GapReporterDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const streams = this.#deps.ledger.streamsOf(own_input);
    this.#stream = streams.find(({ identity }) => gapsIdentity.safeParse(identity).success);
    const gaps = new Gaps(reportedGaps.catch({}).parse(this.#stream?.checkpoint));
    if (this.#deps.ledger.lanes.epoch.has_resumed) this.#renewStream();
    this.#gaps = gaps;
    this.#done = this.#run(gaps);
  }

  /** Reports what has not been reported yet, however recent the last report is. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
    if (this.#gaps !== undefined) void this.#report(this.#gaps, true);
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  /** What a crash has left unreported may be reported in other events: they must not get the numbers of those. */
  #renewStream(): void {
    const { ledger } = this.#deps;
    const former = this.#stream;
    if (former === undefined) return;
    this.#stream = ledger.openStream(own_input, former.identity, former.checkpoint);
    ledger.forget(former);
  }

  async #run(gaps: Gaps): Promise<void> {
    const { clock } = this.#deps;
    const stop = this.#stopping.signal;
    while (!stop.aborted) {
      await clock.sleep(look_interval_ms, stop);
      if (!stop.aborted) await this.#report(gaps, false);
    }
  }

  #report(gaps: Gaps, all: boolean): Promise<void> | undefined {
    const { ledger, clock, intake } = this.#deps;
    const due = gaps.take(ledger.books(), clock.now(), clock.monotonic(), all);
    if (due.length === 0) return undefined;
    const wait = intake.accept(this.#blockOf(due, gaps.reported));
    intake.idle();
    return wait;
  }

  #blockOf(gaps: readonly Gap[], reported: ReportedGaps): Block {
    const { ledger, clock } = this.#deps;
    const records = gaps.map((gap) => Buffer.from(JSON.stringify(recordOf(gap))));
    const bytes = Buffer.concat(records);
    const starts = new Int32Array(gaps.length);
    const ends = new Int32Array(gaps.length);
    records.forEach((record, number) => {
      starts[number] = number === 0 ? 0 : ends[number - 1]!;
      ends[number] = starts[number] + record.length;
    });
    this.#stream ??= ledger.openStream(own_input, { kind: "gaps" }, {});
    return new Block({
      origin: { input: own_input, stream: "gaps", metadata: {} },
      receipt: this.#stream.open(gaps.length, bytes.length, reported),
      bytes,
      starts,
      ends,
      count: gaps.length,
      offset: 0,
      read_at_ms: clock.now(),
      known: gaps.map(({ input }) => ({ metadata: this.#metadataOf(input) })),
    });
  }

  #metadataOf(input: string): Metadata {
    const index = this.#deps.indexOf(input);
    return { host: machineName(), source: own_input, sourcetype: "tallyman:gap", index };
  }
}

function recordOf({ input, reason, count, bytes, first_ms, last_ms }: Gap): unknown {
  return {
    input,
    reason,
    count,
    bytes,
    first: new Date(first_ms).toISOString(),
    last: new Date(last_ms).toISOString(),
  };
}
