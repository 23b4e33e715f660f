/**
 * Reloads, one after the other: the configuration is read and checked as a whole, then applied, or refused with nothing
 * changed. Those that are asked for while one is in progress are one reload after it, so that the last word counts.
 */
import type { WaitingReport } from "../../admin/status/waiting-report.ts";
import type { Clock } from "../../platform/clock.ts";
import {
  describeComplaint,
  TallymanError,
  type Complaint,
  type ErrorCode,
} from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { unlessAborted } from "../../platform/patience.ts";
import { logFreed } from "../outputs/log-freed.ts";
import type { Setup } from "./setup.ts";

/** Why a configuration was not applied. Holds no secrets. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly complaints: readonly Complaint[];
}

export interface ReloadOutcome {
  /** When it ended; ISO 8601. */
  readonly at: string;
  /** Of what was in force before. */
  readonly previous_digest: string;
  /** Of what is in force after it. */
  readonly digest: string;
  /** Undefined where it was applied. */
  readonly refusal: Refusal | undefined;
  /** What it meant for events that waited. */
  readonly waiting?: WaitingReport | undefined;
}

/** What came of an attempt. */
type Attempt = Pick<ReloadOutcome, "refusal" | "waiting">;

export interface ReloadsDeps {
  /** What is in force. */
  setup: () => Setup;
  /** Reads and checks the configuration as it is now. Throws a TallymanError. */
  load: () => Promise<Setup>;
  /** Goes by it from now on. Throws a TallymanError where all stays as it was. */
  apply: (setup: Setup) => Promise<WaitingReport | undefined>;
  onBegin: () => void;
  /** Has the plugins end their steps of what is not applied. Never rejects. */
  discard: (setup: Setup) => Promise<void>;
  /** Never rejects. */
  onEnd: (outcome: ReloadOutcome) => Promise<void>;
  clock: Clock;
  log: Logger;
}

export class Reloads {
  readonly #deps: ReloadsDeps;
  #running: Promise<ReloadOutcome> | undefined;
  #next: Promise<ReloadOutcome | undefined> | undefined;
  #last: ReloadOutcome | undefined;
  readonly #opened = Promise.withResolvers<void>();
  #state: "starting" | "open" | "closed" = "starting";
  readonly #closing = new AbortController();

  constructor(deps: ReloadsDeps) {
    this.#deps = deps;
  }

  /** What became of the last one. */
  get last(): ReloadOutcome | undefined {
    return this.#last;
  }

  /** Has those begin that are asked for: only what is started as a whole can become another. */
  open(): void {
    if (this.#state === "starting") this.#state = "open";
    this.#opened.resolve();
  }

  /** Resolves to what became of it; undefined while tallyman is stopping. Rejects for a bug of ours only. */
  async request(): Promise<ReloadOutcome | undefined> {
    if (this.#state === "starting") await this.#opened.promise;
    if (this.#state === "closed") return undefined;
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.request();
    });
    return this.#next;
  }

  /** Waits for what is being applied; there are no others after it. */
  async close(): Promise<void> {
    this.#state = "closed";
    this.#opened.resolve();
    this.#closing.abort(new TallymanError("reload_impossible", "tallyman is stopping"));
    await this.#running;
  }

  #start(): Promise<ReloadOutcome> {
    this.#running = this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #run(): Promise<ReloadOutcome> {
    const { setup, clock, log, onBegin, onEnd } = this.#deps;
    const previous_digest = setup().digest;
    const began_ms = clock.monotonic();
    log.info("reloading", { config: setup().config.file, digest: previous_digest }, "Reloading.");
    onBegin();
    const { refusal, waiting } = await this.#attempt();
    const { digest } = setup();
    const at = new Date(clock.now()).toISOString();
    const outcome: ReloadOutcome = { at, previous_digest, digest, refusal, waiting };
    this.#last = outcome;
    const took_ms = Math.round(clock.monotonic() - began_ms);
    if (refusal === undefined) {
      log.info("reloaded", { digest, previous_digest, took_ms }, "Reloaded.");
      logWaiting(log, waiting);
    } else {
      const { code, message } = refusal;
      const complaints = refusal.complaints.map(describeComplaint);
      const facts = { error_code: code, error: message, complaints, digest, took_ms };
      log.error(
        "reload_refused",
        facts,
        "The reload is refused. The previous configuration stays in use.",
      );
    }
    await onEnd(outcome);
    return outcome;
  }

  async #attempt(): Promise<Attempt> {
    try {
      const next = await this.#load();
      return { refusal: undefined, waiting: await this.#apply(next) };
    } catch (thrown) {
      if (!(thrown instanceof TallymanError)) throw thrown;
      const { code, message, details } = thrown;
      const refusal = { code, message, complaints: details.complaints ?? [] };
      return { refusal, waiting: undefined };
    }
  }

  /** A stop must not wait for a plugin that takes its time, nor for what it would take away again. */
  async #load(): Promise<Setup> {
    const { load, discard } = this.#deps;
    const { signal } = this.#closing;
    const loading = load();
    try {
      return await unlessAborted(loading, signal);
    } catch (thrown) {
      if (signal.aborted) void loading.then(discard, () => undefined);
      throw thrown;
    }
  }

  async #apply(next: Setup): Promise<WaitingReport | undefined> {
    const { apply, discard } = this.#deps;
    try {
      return await apply(next);
    } catch (thrown) {
      await discard(next);
      throw thrown;
    }
  }
}

function logWaiting(log: Logger, waiting: WaitingReport | undefined): void {
  if (waiting === undefined) return;
  const { freed = [], ...others } = waiting;
  logFreed(log, freed);
  if (others.events === 0 && others.removed === 0) return;
  const sentence = "Events that waited had been through the former chain.";
  log.warn("reload_waiting_events", others, sentence);
}

/** In one line of text. */
export function summaryOf({ code, message, complaints }: Refusal): {
  code: string;
  summary: string;
} {
  if (complaints.length === 0) return { code, summary: message };
  return { code, summary: complaints.map(describeComplaint).join("; ") };
}
