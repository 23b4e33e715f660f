/**
 * Records tallyman's own life: starts, stops, reloads, when outputs pause and resume, and inputs that fall silent; as events of sourcetype
 * `tallyman:lifecycle`; and its heartbeat.
 *
 * What is recorded is in a journal before anybody goes on, so that it arrives whatever happens next. It is shipped and
 * booked like any event, under the input `tallyman`. Switched off, it records nothing, and ships what was left before.
 */
import { join } from "node:path";
import { own_input, type Config } from "../../config/config.ts";
import { Records } from "../../event/block.ts";
import type { Metadata } from "../../event/event.ts";
import { LogEvent } from "../../event/log-event.ts";
import { Scanner } from "../../event/scanner.ts";
import type { Journal } from "../../journal/journal.ts";
import { journalsIn } from "../../journal/left-behind.ts";
import type { JournalOptions } from "../../journal/options.ts";
import type { JournalIntake } from "../../journal/reader.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { OutputCondition } from "../../output/output.ts";
import { state_names } from "../../platform/files/state-names.ts";
import type { Clock } from "../../platform/clock.ts";
import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { machineName } from "../../platform/process/machine-name.ts";
import { JournalSource } from "../sources/journal-source.ts";
import type { SilenceEvent } from "../sources/silence-watch.ts";
import type { Source } from "../sources/source.ts";
import { textOf, type LifecycleEvent, type ReloadRefused, type RunDescription } from "./events.ts";
import { Heartbeat, type HeartbeatEvent, type Vitals } from "./heartbeat.ts";
import { OutputWatch } from "./output-watch.ts";
import { RunFile } from "./run-file.ts";

const MiB = 1024 * 1024;
/** Some 30,000 events: an outage of weeks, or a day in which tallyman is restarted every few seconds. */
const journal_options: JournalOptions = {
  max_bytes: 16 * MiB,
  when_full: "block",
  sync: "always",
};
/** Events that wait in memory while the journal takes nothing. */
const waiting_max = 1000;
/** What an error's message is cut to: that of a configuration lists all of its mistakes. */
const summary_characters_max = 1000;
/** Events that are not sent yet, beyond which there are no more heartbeats. */
const unread_for_beats_max = 3000;
const look_interval_ms = 1000;
/** How often it is written that the run goes on. */
const seen_interval_ms = 60_000;
/** How long a stop waits until what it recorded is on its way to the output, which may take nothing just now. */
const reading_ms_max = 500;
const reading_poll_ms = 5;

/** What of the configuration matters here. */
export type LifecycleSettings = Pick<Config, "state_dir" | "lifecycle" | "file">;

export interface LifecycleDeps {
  config: LifecycleSettings;
  /** Of the configuration and the plugins in force. */
  digest: string | undefined;
  ledger: Ledger;
  clock: Clock;
  log: Logger;
  /** Where the journal gives its events. It leads to the default output. */
  intake: JournalIntake;
  /** The outputs at this moment. */
  outputs: () => ReadonlyMap<string, OutputCondition>;
  /** What is to be recorded of inputs that are silent; given once. */
  silences: () => readonly SilenceEvent[];
  /** How the agent is, for its heartbeat. */
  vitals: () => Vitals;
}

/** An event that the journal does not have yet. */
interface Waiting {
  readonly text: string;
  readonly at_ms: number;
  readonly sourcetype: string;
}

export class Lifecycle implements Source {
  readonly #deps: LifecycleDeps;
  readonly #run_file: RunFile;
  readonly #stopping = new AbortController();
  readonly #scanner = new Scanner([]);
  #settings: Config["lifecycle"];
  #metadata: Metadata;
  #run: RunDescription;
  #has_started = false;
  readonly #source: JournalSource;
  #waiting: Waiting[] = [];
  #keeping: Promise<void> | undefined;
  #watching: Promise<void> = Promise.resolve();

  constructor(deps: LifecycleDeps) {
    const { config, digest, log } = deps;
    this.#deps = deps;
    this.#settings = config.lifecycle;
    this.#metadata = metadataOf(config.lifecycle);
    this.#run = { config: config.file, digest };
    this.#run_file = new RunFile(config.state_dir, log);
    const { ledger, clock, intake } = deps;
    const directory = join(this.#journals, own_input);
    const journal = { directory, input: own_input, options: journal_options, ledger, clock, log };
    this.#source = new JournalSource(journal, intake);
  }

  /** Opens the journal and ships what is in it. Throws TallymanError state_unwritable. */
  async start(): Promise<void> {
    const is_ours = (folder: string): boolean => folder === own_input;
    const left_behind = await journalsIn(this.#journals, is_ours);
    if (this.#settings.enabled || left_behind.length > 0) await this.#open();
  }

  /**
   * Records that everything runs. It resolves, as all of these do, when the event is safe, or the journal takes nothing
   * just now: then it is tried again every second. Never rejects.
   */
  async started(): Promise<void> {
    if (!this.#settings.enabled) return;
    const last_run = await this.#run_file.lastRun();
    // First, so that a run of which Splunk hears is never taken for one that was not.
    await this.#run_file.started(this.#deps.clock.now());
    this.#has_started = true;
    await this.#record({ event: "start", last_run });
  }

  /** Records that what runs is to end: because of a signal, or as its input has ended. Only where it was started. */
  async stops(signal: string | undefined): Promise<void> {
    if (this.#has_started) await this.#record({ event: "stop", reason: signal ?? "input_ended" });
  }

  /**
   * Records a reload that was applied, and takes over what it says of this itself. `new_digest` is in force then. That
   * events like this one are switched off is recorded, too.
   */
  async reloaded(config: LifecycleSettings, new_digest: string): Promise<void> {
    const previous_digest = this.#run.digest;
    const { enabled } = config.lifecycle;
    const is_switched = enabled !== this.#settings.enabled;
    this.#run = { config: config.file, digest: new_digest };
    this.#metadata = metadataOf(config.lifecycle);
    this.#settings = { ...config.lifecycle, enabled: true };
    if (is_switched && enabled) await this.#switchOn();
    if (is_switched || enabled) {
      await this.#record({ event: "reload", outcome: "applied", new_digest }, { previous_digest });
    }
    this.#settings = config.lifecycle;
  }

  /** Records a reload that was refused. The summary may hold no secret. */
  async refused({ error: { code, summary } }: Pick<ReloadRefused, "error">): Promise<void> {
    const error = { code, summary: summary.slice(0, summary_characters_max) };
    const previous_digest = this.#run.digest;
    await this.#record({ event: "reload", outcome: "refused", error }, { previous_digest });
  }

  /** Gives the output what was recorded, as far as it takes it now. The rest comes after the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
    await this.#keep();
    const journal = this.#journal;
    if (journal === undefined) return;
    const { clock } = this.#deps;
    const until_ms = clock.monotonic() + reading_ms_max;
    while (journal.events_unread > 0 && clock.monotonic() < until_ms) {
      await clock.sleep(reading_poll_ms);
    }
    await this.#source.stop();
    for (const each of this.#waiting.splice(0)) this.#drop(each);
  }

  /** Says that the run ended as it should: nothing comes after it. */
  async close(): Promise<void> {
    this.#source.is_left_behind = !this.#settings.enabled;
    await this.#source.close();
    await this.#run_file.stopped(this.#deps.clock.now());
  }

  get #journals(): string {
    return join(this.#deps.config.state_dir, state_names.journals);
  }

  /** Undefined while there is nothing to record, and was nothing left. */
  get #journal(): Journal | undefined {
    return this.#source.is_open ? this.#source.journal : undefined;
  }

  async #open(): Promise<void> {
    await this.#source.start();
    await this.#keep();
    this.#watching = this.#watch();
  }

  /** For a run that did not record its start. Never rejects. */
  async #switchOn(): Promise<void> {
    const { clock, log } = this.#deps;
    try {
      if (this.#journal === undefined) await this.#open();
    } catch (cause) {
      log.error(
        "lifecycle_unavailable",
        { error: messageOf(cause) },
        "tallyman's own events (start, stop, reload, outage) cannot be recorded.",
      );
    }
    if (!this.#has_started) await this.#run_file.started(clock.now());
    this.#has_started = true;
  }

  async #record(event: LifecycleEvent, more: Partial<RunDescription> = {}): Promise<void> {
    if (!this.#settings.enabled) return;
    const { clock } = this.#deps;
    const at_ms = clock.now();
    const sourcetype = `tallyman:${event.event === "heartbeat" ? "heartbeat" : "lifecycle"}`;
    const record = { text: textOf(event, { ...this.#run, ...more }, at_ms), at_ms, sourcetype };
    if (this.#waiting.length < waiting_max) this.#waiting.push(record);
    else this.#drop(record);
    await this.#keep();
  }

  /** Puts into the journal what waits, in order, as far as it is taken now. Never rejects. */
  async #keep(): Promise<void> {
    this.#keeping ??= this.#keepAll();
    await this.#keeping;
  }

  async #keepAll(): Promise<void> {
    // So that it has not ended before it is known to go on.
    await Promise.resolve();
    const journal = this.#journal;
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || journal === undefined) break;
      const delivery = journal.delivery();
      delivery.add(this.#eventOf(next));
      if ((await journal.append(delivery)) !== "accepted") break;
      this.#waiting.shift();
    }
    this.#keeping = undefined;
  }

  #eventOf({ text, at_ms, sourcetype }: Waiting): LogEvent<Records> {
    const records = Records.ofOne(Buffer.from(text), {
      origin: { input: own_input, stream: own_input, metadata: { ...this.#metadata, sourcetype } },
      read_at_ms: at_ms,
    });
    return new LogEvent(records, 0, this.#scanner);
  }

  /** Counts what cannot be kept, so that the gap is reported to Splunk. */
  #drop({ text }: Waiting): void {
    const { ledger, log } = this.#deps;
    ledger.book(own_input, ledger.account("dropped", "journal_full"), 1, text.length);
    log.error(
      "lifecycle_event_lost",
      { text },
      "One of tallyman's own events could not be stored for Splunk; it is only in this log.",
    );
  }

  /** In a long outage the room in the journal is for the other events. */
  #beat(heartbeat: Heartbeat, monotonic_ms: number): HeartbeatEvent | undefined {
    const { enabled, heartbeat: every } = this.#settings;
    const is_wanted = enabled && this.#has_started && every !== false;
    const beat = heartbeat.due(is_wanted ? every : undefined, this.#deps.vitals, monotonic_ms);
    return (this.#journal?.events_unread ?? 0) < unread_for_beats_max ? beat : undefined;
  }

  async #watch(): Promise<void> {
    const { clock, outputs, silences } = this.#deps;
    const { signal } = this.#stopping;
    const watch = new OutputWatch();
    const heartbeat = new Heartbeat(clock.monotonic());
    let seen_ms = clock.monotonic();
    for (;;) {
      await clock.sleep(look_interval_ms, signal);
      if (signal.aborted) return;
      const monotonic_ms = clock.monotonic();
      // What is seen counts as reported: while nothing is, it is not looked at.
      const seen = this.#settings.enabled ? outputs() : undefined;
      const changes = seen === undefined ? [] : watch.look(seen, clock.now(), monotonic_ms);
      for (const event of [...changes, ...silences()]) await this.#record(event);
      const beat = this.#beat(heartbeat, monotonic_ms);
      if (beat !== undefined) await this.#record(beat);
      await this.#keep();
      if (monotonic_ms - seen_ms < seen_interval_ms) continue;
      seen_ms = monotonic_ms;
      await this.#run_file.seen(clock.now());
    }
  }
}

function metadataOf({ index }: Config["lifecycle"]): Metadata {
  return { host: machineName(), source: own_input, index };
}
