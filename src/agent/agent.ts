/**
 * The agent: puts inputs, chains, output, quarantine and ledger together, and starts and stops them in order.
 *
 * Start: lock the state directory, read the state, open the outputs, then the inputs. Stop: inputs first,
 * then what is under way is delivered as far as time allows, then the state is written, then the lock goes.
 */
import type { Config } from "../config/config.ts";
import { outputsOf, splunkOutputs } from "../config/outputs.ts";
import type { Books } from "../ledger/books.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { LedgerState } from "../ledger/state.ts";
import { makeStateDirectory, StateFile } from "../ledger/state-file.ts";
import { StateLock } from "../ledger/state-lock.ts";
import { StateSaver } from "../ledger/state-saver.ts";
import { Quarantine } from "../output/quarantine.ts";
import { QuarantineRequests } from "../output/quarantine-requests.ts";
import { quarantineDirectory } from "../output/quarantine-lines.ts";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import { passThrough, type CompiledInput } from "./compile.ts";
import { Lifecycle } from "./lifecycle/lifecycle.ts";
import { buffer_held_bytes_max, countBuffers } from "./output-buffer.ts";
import { heldBytesMax, Outputs } from "./outputs.ts";
import { Pipeline, type Downstream } from "./pipeline.ts";
import { makeReplaySource } from "./replay.ts";
import { NamedRoutes } from "./routes.ts";
import type { Source } from "./source.ts";
import { makeSources } from "./sources.ts";
import type { AgentStatus } from "./status-line.ts";

/** How often the books are logged. */
const books_interval_ms = 60_000;
/** How often an agent whose inputs have all ended looks whether everything is settled. */
const settled_interval_ms = 20;

export interface AgentFacts {
  config: Config;
  /** What compileInputs made of the same configuration. */
  inputs: readonly CompiledInput[];
  /** Of the configuration and the plugins in force. */
  digest?: string;
  clock: Clock;
  log: Logger;
}

export class Agent {
  readonly #facts: AgentFacts;
  readonly #lock: StateLock;
  readonly #ledger: Ledger;
  readonly #saver: StateSaver;
  readonly #outputs: Outputs;
  readonly #quarantine: Quarantine;
  #requests: QuarantineRequests | undefined;
  readonly #stopping = new AbortController();
  readonly #mask: (text: string) => string;
  #lifecycle: Lifecycle | undefined;
  #sources: Source[] = [];
  #booksLoop: Promise<void> = Promise.resolve();

  private constructor(facts: AgentFacts, lock: StateLock, ledger: Ledger, file: StateFile) {
    const { config, clock, log, inputs } = facts;
    this.#facts = facts;
    this.#lock = lock;
    this.#ledger = ledger;
    const tokens = splunkOutputs(config).map(({ options }) => options.token);
    this.#mask = (text) => {
      const masked = inputs.reduce((so_far, { chain }) => chain.maskText(so_far), text);
      return tokens.reduce((so_far, token) => token.hideIn(so_far), masked);
    };
    this.#quarantine = new Quarantine(quarantineDirectory(config.state_dir), {
      ledger,
      clock,
      log,
      mask: this.#mask,
      bytes_max: config.quarantine.max_bytes,
    });
    const quarantine = this.#quarantine;
    this.#outputs = new Outputs(outputsOf(config), { ledger, quarantine, clock, log });
    const unsaved_bytes_max = (): number =>
      unsavedBytesMax(config, inputs) + this.#outputs.held_bytes_max;
    const onSaved = (state: LedgerState): void => {
      for (const source of this.#sources) source.saved(state);
    };
    this.#saver = new StateSaver({ ledger, file, clock, log, unsaved_bytes_max, onSaved });
  }

  /** Starts everything. Throws a TallymanError for what the user can mend; nothing is left open then. */
  static async start(facts: AgentFacts): Promise<Agent> {
    const { state_dir } = facts.config;
    await makeStateDirectory(state_dir);
    const lock = await StateLock.acquire(state_dir);
    const file = new StateFile(state_dir);
    let ledger: Ledger;
    try {
      ledger = new Ledger(await file.read());
    } catch (cause) {
      await lock.release();
      throw cause;
    }
    const agent = new Agent(facts, lock, ledger, file);
    try {
      await agent.#startSources();
    } catch (cause) {
      await agent.stop();
      throw cause;
    }
    return agent;
  }

  books(): Books {
    return this.#ledger.books();
  }

  status(): AgentStatus {
    return { books: this.books(), outputs: this.#outputs.status() };
  }

  /** Resolves when nothing will ever come in again and all that came is settled: only where every input ends. */
  async ended(): Promise<void> {
    const { promise: never } = Promise.withResolvers<void>();
    await Promise.all(this.#sources.map(({ ended }) => ended ?? never));
    const stop = this.#stopping.signal;
    while (this.books().total.in_flight > 0 && !stop.aborted) {
      await this.#facts.clock.sleep(settled_interval_ms, stop);
    }
  }

  /**
   * Stops reading, delivers what is under way for up to `shutdown_timeout`, and writes the state.
   * What is not delivered by then is read again after the next start. Never rejects.
   */
  async stop(signal?: string): Promise<void> {
    const { clock, config, log } = this.#facts;
    await this.#lifecycle?.stops(signal);
    await this.#requests?.close();
    const sourcesStopped = Promise.all(this.#sources.map((source) => source.stop()));
    this.#stopping.abort();
    await sourcesStopped;
    const timeout = new AbortController();
    const timer = clock.after(config.shutdown_timeout, () => timeout.abort());
    // In this order: outputs may put events into quarantine to the last.
    await this.#outputs.drain(timeout.signal);
    await this.#quarantine.drain(timeout.signal);
    timer.cancel();
    await this.#outputs.close();
    await this.#quarantine.close();
    await this.#booksLoop;
    await this.#saver.close();
    await Promise.all(this.#sources.map((source) => source.close()));
    this.#logBooks("Stopped; the books at the end.");
    await this.#lock.release();
    if (this.books().total.in_flight > 0) {
      log.warn({}, "Not everything is delivered; the rest is kept, and sent after the next start.");
    }
  }

  async #startSources(): Promise<void> {
    const { config, inputs, clock, log } = this.#facts;
    const ledger = this.#ledger;
    const downstream: Downstream = {
      ledger,
      routes: new NamedRoutes(this.#outputs, log),
      quarantine: this.#quarantine,
      rooms: [this.#quarantine, this.#saver],
      stop: this.#stopping.signal,
    };
    for (const { name } of inputs) ledger.openInput(name);
    const mask = this.#mask;
    const outputs = this.#outputs;
    const facts = { config, inputs, outputs, ledger, clock, log, downstream, mask };
    const replay = makeReplaySource(facts);
    const sources = await makeSources(facts);
    const lifecycle = this.#makeLifecycle(downstream);
    this.#lifecycle = lifecycle;
    this.#sources = [replay, lifecycle, ...sources];
    // First, since what a crash has left half done there is ended before anything comes into quarantine, or goes.
    await replay.start();
    this.#requests = new QuarantineRequests({
      clock,
      log,
      sift: async (what) => {
        const done = await this.#quarantine.sift(what);
        replay.wake();
        return done;
      },
    });
    await this.#requests.open(config.state_dir);
    for (const source of [lifecycle, ...sources]) await source.start();
    await lifecycle.started();
    this.#booksLoop = this.#logBooksRegularly();
  }

  #makeLifecycle(downstream: Downstream): Lifecycle {
    const { config, digest, clock, log } = this.#facts;
    // As that of any journal, it ends its waiting by itself.
    const { signal: stop } = new AbortController();
    const intake = new Pipeline(passThrough(clock, log), { ...downstream, stop });
    const outputs = (): ReturnType<Outputs["status"]> => this.#outputs.status();
    return new Lifecycle({ config, digest, ledger: this.#ledger, clock, log, intake, outputs });
  }

  async #logBooksRegularly(): Promise<void> {
    const stop = this.#stopping.signal;
    for (;;) {
      await this.#facts.clock.sleep(books_interval_ms, stop);
      if (stop.aborted) return;
      this.#logBooks("The books.");
    }
  }

  #logBooks(message: string): void {
    const { inputs, total, balanced } = this.books();
    this.#facts.log.info({ books: { total, balanced, inputs } }, message);
  }
}

/**
 * What may be read of an input and not yet covered by a written state: the most that a crash can repeat. Twice what the
 * outputs can hold, so that the state is written in time without holding up the flow, also where one of them is down.
 */
function unsavedBytesMax(config: Config, inputs: readonly CompiledInput[]): number {
  const outputs = outputsOf(config);
  const held_bytes = outputs.reduce((sum, output) => sum + heldBytesMax(output), 0);
  return 2 * (held_bytes + countBuffers(inputs, outputs) * buffer_held_bytes_max);
}
