/**
 * The agent: puts inputs, chains, output, quarantine and ledger together, and starts and stops them in order.
 *
 * Start: lock the state directory, read the state, open the outputs, then the inputs. Stop: inputs first,
 * then what is in progress is delivered as far as time allows, then the state is written, then the lock goes.
 * Reload: what the new configuration adds, then what goes by it changes at one moment, then what it has no more goes.
 */
import type { WaitingReport } from "../admin/status/waiting-report.ts";
import type { AgentState } from "../admin/status/status.ts";
import { outputsOf } from "../config/outputs.ts";
import type { Books } from "../ledger/books.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { StateLock } from "../ledger/state-lock.ts";
import { StateSaver } from "../ledger/state-saver.ts";
import { Quarantine } from "../output/quarantine/quarantine.ts";
import type { QuarantineRequests } from "../output/quarantine/requests.ts";
import { quarantineDirectory } from "../output/quarantine/lines.ts";
import type { DeliveryWatch } from "../output/delivered.ts";
import type { Clock } from "../platform/clock.ts";
import { InheritedSockets } from "../platform/sockets/inherited-listener.ts";
import type { Logger } from "../platform/log.ts";
import { within, Bell } from "../platform/patience.ts";
import { indexesOf, prepareChange } from "./change.ts";
import { WaitingEvents } from "./redaction/waiting-events.ts";
import { Administration } from "./status/administration.ts";
import { BooksLog } from "./status/books-log.ts";
import type { Lifecycle } from "./lifecycle/lifecycle.ts";
import { makeLifecycle } from "./lifecycle/make-lifecycle.ts";
import { Numbering } from "./lanes/numbering.ts";
import { takeState, type OwnState } from "./own-state.ts";
import { Proof } from "./proof/proof.ts";
import { maskWith } from "./setup/mask.ts";
import { Outputs } from "./outputs/outputs.ts";
import type { Downstream } from "./flow/pipeline.ts";
import { makeReplaySource, makeRequests } from "./replay/replay.ts";
import { refuseImpossible } from "./sources/input-changes.ts";
import type { ReplaySource } from "./replay/replay-source.ts";
import { Reloads, summaryOf, type ReloadOutcome } from "./setup/reloads.ts";
import { NamedRoutes } from "./flow/routes.ts";
import { FormerSetups } from "./setup/former-setups.ts";
import { chainKindOf, type Setup } from "./setup/setup.ts";
import type { Source } from "./sources/source.ts";
import { Sources } from "./sources/sources.ts";
import type { AgentParts } from "./status/status-collector.ts";
import type { AgentStatus } from "./status/status-line.ts";
import { untilSettled } from "./sources/until-settled.ts";
import { unsavedBytesMax } from "./sources/limits.ts";

export interface AgentDeps {
  setup: Setup;
  /** Reads and checks the configuration again, for a reload. Throws a TallymanError. */
  load: () => Promise<Setup>;
  clock: Clock;
  log: Logger;
}

export class Agent {
  readonly #deps: AgentDeps;
  /** What is in force. */
  #setup: Setup;
  readonly #lock: StateLock;
  readonly #ledger: Ledger;
  readonly #saver: StateSaver;
  readonly #inherited: InheritedSockets;
  readonly #outputs: Outputs;
  readonly #waiting: WaitingEvents;
  readonly #numbering: Numbering;
  readonly #quarantine: Quarantine;
  #requests: QuarantineRequests | undefined;
  readonly reloads: Reloads;
  /** Called when a reload begins, and when it has ended. */
  onReload: (outcome: ReloadOutcome | undefined) => void = () => undefined;
  readonly #stopping = new AbortController();
  readonly #mask: (text: string) => string;
  /** What it reports about itself. */
  readonly administration: Administration;
  #state: AgentState = "starting";
  #lifecycle: Lifecycle | undefined;
  #proof: Proof | undefined;
  #replay: ReplaySource | undefined;
  #sources: Sources | undefined;
  /** Resolved when other inputs are there. */
  readonly #changed = new Bell();
  readonly #books_log: BooksLog;
  readonly #former = new FormerSetups();

  private constructor(deps: AgentDeps, { lock, ledger, file }: OwnState) {
    const { setup, clock, log } = deps;
    const { config } = setup;
    this.#deps = deps;
    this.#setup = setup;
    this.#lock = lock;
    this.#inherited = new InheritedSockets(log);
    this.#ledger = ledger;
    this.#mask = (text) => maskWith(this.#setup, text);
    const books = (): Books => this.books();
    const shared = { ledger, clock, log };
    this.#books_log = new BooksLog({ books, clock, log });
    this.#quarantine = new Quarantine(quarantineDirectory(config.state_dir), {
      ...shared,
      mask: this.#mask,
      chainOf: (input) => chainKindOf(this.#setup.config, input),
      bytes_max: config.quarantine.max_bytes,
    });
    const quarantine = this.#quarantine;
    this.#waiting = new WaitingEvents({ inputs: () => this.#setup.inputs, ledger, quarantine });
    const { handed_over } = this.#waiting;
    const watch: DeliveryWatch = { passed: undefined };
    this.#outputs = new Outputs(outputsOf(config), { ...shared, quarantine, handed_over, watch });
    const unsaved_bytes_max = (): number =>
      unsavedBytesMax(this.#setup) + this.#outputs.held_bytes_max;
    this.#saver = new StateSaver({ ...shared, file, unsaved_bytes_max });
    this.#numbering = new Numbering({ ledger, saver: this.#saver, outputs: this.#outputs });
    this.reloads = new Reloads({
      setup: () => this.#setup,
      load: deps.load,
      apply: (next) => this.#goBy(next),
      discard: (next) => this.#former.add(next),
      onBegin: () => this.onReload(undefined),
      onEnd: (outcome) => this.#endReload(outcome),
      clock,
      log,
    });
    const parts = (): AgentParts => this.#parts();
    const reload = () => this.reloads.request();
    const admin_deps = { config, clock, log, parts, books, reload, watch };
    this.administration = new Administration(admin_deps);
  }

  /** Starts everything. Throws a TallymanError for what the user can fix; nothing is left open then. */
  static async start(deps: AgentDeps): Promise<Agent> {
    const own = await takeState(deps.setup.config.state_dir, deps.log);
    const agent = new Agent(deps, own);
    try {
      await agent.#startSources();
    } catch (cause) {
      await agent.stop();
      throw cause;
    }
    return agent;
  }

  /** What is in force. */
  get setup(): Setup {
    return this.#setup;
  }

  books(): Books {
    return this.#ledger.books();
  }

  status(): AgentStatus {
    return {
      books: this.books(),
      outputs: this.#outputs.status(),
      digest: this.setup.digest,
      reload: this.reloads.last,
    };
  }

  /** Resolves when nothing will ever come in again and all that came is settled: only where every input ends. */
  async ended(): Promise<void> {
    for (let ended = false; !ended;) {
      const changed = this.#changed.rung().then(() => false);
      const inputs = this.#sources?.ended?.then(() => true) ?? changed;
      ended = await Promise.race([changed, inputs]);
    }
    await this.#replay?.ended;
    await untilSettled(this.#ledger, this.#deps.clock, this.#stopping.signal);
  }

  /**
   * Stops reading, delivers what is in progress for up to `shutdown_timeout`, and writes the state.
   * What is not delivered by then is read again after the next start. Never rejects.
   */
  async stop(signal?: string): Promise<void> {
    const { clock, log } = this.#deps;
    this.#state = "stopping";
    // Before all else: who connects from now on waits for the next process.
    this.#inherited.close();
    await Promise.all([this.#requests?.close(), this.reloads.close()]);
    await this.#lifecycle?.stops(signal);
    const sourcesStopped = Promise.all(this.#all.map((each) => each.stop()));
    this.#stopping.abort();
    await sourcesStopped;
    // In this order: outputs may put events into quarantine to the last.
    await within(this.#setup.config.shutdown_timeout, clock, async (timeout) => {
      await this.#outputs.drain(timeout);
      await this.#proof?.stop();
      await this.#outputs.drain(timeout);
      await this.#quarantine.drain(timeout);
    });
    await this.#outputs.close();
    await this.#quarantine.close();
    await this.#books_log.stop();
    this.#numbering.end();
    await this.#saver.close();
    await Promise.all([this.#proof?.close(), ...this.#all.map((each) => each.close())]);
    await this.administration.close();
    await this.#former.end(this.#setup);
    this.#books_log.write("stopped");
    await this.#lock.release();
    if (this.books().total.in_flight > 0) {
      const message = "Not all events are delivered. The rest is sent after the next start.";
      log.warn("stopped_undelivered", {}, message);
    }
  }

  /**
   * Goes by another configuration from now on, without losing or repeating an event. Where it throws, as a TallymanError
   * (reload_impossible, or what opening an input throws), all goes on by the former one. One call at a time.
   */
  async #goBy(next: Setup): Promise<WaitingReport | undefined> {
    const former = this.#setup;
    refuseImpossible(former, next);
    const [administration, outputs] = [this.administration, this.#outputs];
    const parts = { administration, outputs, sources: this.#sources!, waiting: this.#waiting };
    const change = await this.#numbering.change(former, next, () => {
      return prepareChange(parts, former, next);
    });
    this.#setup = next;
    const waiting = change();
    this.#proof?.reloaded();
    this.#quarantine.change(next.config.quarantine.max_bytes);
    this.#changed.ring();
    await this.#former.add(former, this.#replay?.current);
    return waiting;
  }

  #parts(): AgentParts {
    const { config, inputs, digest } = this.#setup;
    return {
      state: this.#state,
      config,
      config_digest: digest,
      last_reload: this.reloads.last,
      inputs,
      sources: this.#sources?.status() ?? new Map(),
      outputs: this.#outputs.all,
      ledger: this.#ledger,
      write_failing: this.#saver.is_failing,
    };
  }

  async #startSources(): Promise<void> {
    const { clock, log } = this.#deps;
    // Before all else, so that it reports how the start goes.
    await this.administration.start();
    await this.#outputs.restore(this.#setup.config.state_dir, indexesOf(this.#setup));
    const ledger = this.#ledger;
    const downstream: Downstream = {
      ledger,
      routes: new NamedRoutes(this.#outputs, log),
      quarantine: this.#quarantine,
      rooms: [this.#quarantine, this.#saver],
      stop: this.#stopping.signal,
    };
    const [mask, outputs, inherited] = [this.#mask, this.#outputs, this.#inherited];
    const setup = (): Setup => this.#setup;
    const deps = { setup, outputs, ledger, clock, log, inherited, downstream, mask };
    this.#proof = await Proof.begin({ ...deps, saver: this.#saver }, this.#numbering);
    const replay = makeReplaySource(deps);
    this.#replay = replay;
    this.#sources = await Sources.find(deps);
    const lifecycle = makeLifecycle(deps, this.#sources);
    this.#lifecycle = lifecycle;
    // First, since what a crash has left half done there is ended before anything comes into quarantine, or goes.
    await replay.start();
    this.#requests = makeRequests({ clock, log }, this.#quarantine, replay);
    await this.#requests.open(this.#setup.config.state_dir);
    await lifecycle.start();
    await this.#proof.start();
    await this.#sources.start();
    await lifecycle.started();
    this.#books_log.start();
    this.#state = "ready";
  }

  /** All that events come from, as far as it is made. */
  get #all(): Source[] {
    return [this.#replay, this.#lifecycle, this.#sources].flatMap((each) => each ?? []);
  }

  async #endReload(outcome: ReloadOutcome): Promise<void> {
    const { refusal, digest } = outcome;
    if (refusal === undefined) await this.#lifecycle?.reloaded(this.#setup.config, digest);
    else await this.#lifecycle?.refused({ error: summaryOf(refusal) });
    this.onReload(outcome);
  }
}
