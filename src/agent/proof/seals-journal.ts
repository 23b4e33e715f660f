/** The way of seals to Splunk: through a journal of their own, past all chains, to the default output, without a place in a lane. */
import { join } from "node:path";
import { own_input } from "../../config/config.ts";
import { Records } from "../../event/block.ts";
import { LogEvent } from "../../event/log-event.ts";
import { Scanner } from "../../event/scanner.ts";
import type { JournalOptions } from "../../journal/options.ts";
import { isOf } from "../../journal/stream.ts";
import { state_names } from "../../platform/files/state-names.ts";
import { machineName } from "../../platform/process/machine-name.ts";
import { seal_sourcetype, signature_field } from "../../proof/format/place.ts";
import type { WrittenSeal } from "../../proof/sealing/kept.ts";
import { Pipeline } from "../flow/pipeline.ts";
import { passThrough } from "../setup/compile.ts";
import { JournalSource } from "../sources/journal-source.ts";
import type { SourceDeps } from "../sources/source-deps.ts";

const MiB = 1024 * 1024;
/** Its folder's name, which no input and no output can have. */
const folder = `${own_input}@seals`;
const journal_options: JournalOptions = {
  max_bytes: 64 * MiB,
  when_full: "block",
  sync: "always",
};
/** How long a stop waits until the last seal is on its way to the output, which may take nothing just now. */
const reading_ms_max = 500;
const reading_poll_ms = 5;

export type SealsJournalDeps = Pick<
  SourceDeps,
  "setup" | "ledger" | "clock" | "log" | "downstream" | "outputs"
>;

export class SealsJournal {
  readonly #deps: SealsJournalDeps;
  readonly #source: JournalSource;
  readonly #scanner = new Scanner([]);
  readonly #of = { input: own_input, output: "seals", options: journal_options };

  constructor(deps: SealsJournalDeps) {
    const { ledger, clock, log, downstream, outputs, setup } = deps;
    this.#deps = deps;
    // As that of any journal, it ends its waiting by itself.
    const { signal: stop } = new AbortController();
    const routes = { of: () => outputs.default.unnumbered };
    const intake = new Pipeline(passThrough(clock, log), { ...downstream, routes, stop });
    const directory = join(setup().config.state_dir, state_names.journals, folder);
    this.#source = new JournalSource({ ...this.#of, directory, ledger, clock, log }, intake);
    this.#unwatch();
  }

  /** Throws TallymanError state_unwritable. */
  async start(): Promise<void> {
    await this.#source.start();
    this.#unwatch();
  }

  /** Seals do not speak of themselves. */
  #unwatch(): void {
    const { ledger } = this.#deps;
    const streams = ledger.streamsOf(own_input).filter((each) => isOf(each, this.#of.output));
    for (const { id } of streams) ledger.lanes.unwatched.add(id);
  }

  /** Says whether it has the seal now. */
  async append({ body, sig, at_ms }: WrittenSeal): Promise<boolean> {
    const { journal } = this.#source;
    const { index } = this.#deps.setup().config.proof;
    const metadata = {
      host: machineName(),
      source: own_input,
      sourcetype: seal_sourcetype,
      index,
      fields: { [signature_field]: sig },
    };
    // A string, whose text Splunk then has byte for byte: an object it might write in another way.
    const records = Records.ofOne(Buffer.from(JSON.stringify(body)), {
      origin: { input: own_input, stream: own_input, metadata },
      read_at_ms: at_ms,
    });
    const delivery = journal.delivery();
    delivery.add(new LogEvent(records, 0, this.#scanner));
    return (await journal.append(delivery)) === "accepted";
  }

  /** Seals that are not on their way. */
  get unread(): number {
    return this.#source.is_open ? this.#source.journal.events_unread : 0;
  }

  /** Gives the output what there is, as far as it takes it now. */
  async stop(): Promise<void> {
    if (!this.#source.is_open) return;
    const { clock } = this.#deps;
    const until_ms = clock.monotonic() + reading_ms_max;
    while (this.unread > 0 && clock.monotonic() < until_ms) await clock.sleep(reading_poll_ms);
    await this.#source.stop();
  }

  async close(): Promise<void> {
    await this.#source.close();
  }
}
