/**
 * All that events come from while an agent runs: its inputs, the journals, and the gap reporter; and how they become
 * those of another configuration without an event being lost or read twice.
 */
import { isJournaled } from "../../config/inputs.ts";
import { outputsOf } from "../../config/outputs.ts";
import { ownPlacesOf } from "../../config/own-places.ts";
import { OwnFiles, type OwnPlace } from "../../inputs/file/discovery/own-files.ts";
import { AgentLanes } from "../../inputs/nats/agent-lanes.ts";
import { HeardReceipts } from "../../inputs/nats/heard-receipts.ts";
import type { KnownBatches } from "../../inputs/nats/taking.ts";
import { journalOptionsOf } from "../../journal/options.ts";
import { messageOf } from "../../platform/errors.ts";
import { passThrough, type CompiledInput } from "../setup/compile.ts";
import { RunningJournaledInput } from "./running-journaled-input.ts";
import { RunningFileInput } from "./running-file-input.ts";
import { RunningNatsInput } from "./running-nats-input.ts";
import { GapReporter } from "./gap-reporter.ts";
import { inputChanges, openedAs } from "./input-changes.ts";
import { startInputs, type InputSetup, type RunningInput } from "./running-input.ts";
import { Journals } from "./journals.ts";
import { openFilesMax } from "./limits.ts";
import { countBuffers } from "./output-buffer.ts";
import { FramingWatch } from "../flow/framing-watch.ts";
import { Pipeline } from "../flow/pipeline.ts";
import { NamedRoutes } from "../flow/routes.ts";
import type { Setup } from "../setup/setup.ts";
import type { Source, SourceStatus } from "./source.ts";
import type { SourceDeps } from "./source-deps.ts";
import { SilenceWatch, type HeardInput } from "./silence-watch.ts";

/** Where the process itself writes: the log, and what an output of type stdout writes. */
const standard_streams: readonly OwnPlace[] = [
  { kind: "open", descriptor: 1, what: "its standard output" },
  { kind: "open", descriptor: 2, what: "its log" },
];

/** How often it is looked which inputs are silent. */
const silence_interval_ms = 1000;

/** Takes back one thing that was done. */
type Undo = () => Promise<void>;

export class Sources implements Source {
  /** Knows which inputs are silent. */
  readonly silence: SilenceWatch;
  readonly #deps: SourceDeps;
  readonly #journals: Journals;
  readonly #inputs = new Map<string, RunningInput>();
  /** Those that are not configured any more, and may have something open yet. */
  readonly #left = new Set<RunningInput>();
  /** By input. */
  readonly #known_batches = new Map<string, KnownBatches>();
  /** Those that could not be opened again after a reload that failed. */
  readonly #unopened = new Set<RunningInput>();
  readonly #gaps: GapReporter;
  /** What file inputs never follow. */
  #own_places: readonly OwnPlace[];
  readonly #own_files: OwnFiles;
  readonly #stopping = new AbortController();

  private constructor(deps: SourceDeps, journals: Journals) {
    const { ledger, clock, log, downstream } = deps;
    this.#deps = deps;
    this.#journals = journals;
    this.silence = new SilenceWatch(clock, log);
    this.#own_places = ownPlaces(deps.setup());
    this.#own_files = new OwnFiles(() => this.#own_places, clock);
    const indexOf = (input: string): string | undefined =>
      deps.setup().inputs.find(({ name }) => name === input)?.origin.metadata.index;
    const intake = new Pipeline(passThrough(clock, log), downstream);
    this.#gaps = new GapReporter({ ledger, clock, intake, indexOf });
  }

  /** Nothing is opened before `start`. */
  static async find(deps: SourceDeps): Promise<Sources> {
    return new Sources(deps, await Journals.find(deps));
  }

  /** Opens all. Throws a TallymanError for what the user can fix; `stop` and `close` are to follow then, too. */
  async start(): Promise<void> {
    const setup = this.#deps.setup();
    for (const compiled of setup.inputs) {
      this.#inputs.set(compiled.name, this.#make(this.#setupOf(compiled, setup)));
    }
    this.#journals.need(setup);
    await this.#journals.start();
    await startInputs([...this.#inputs.values()]);
    await this.#gaps.start();
    void this.#watchSilence();
  }

  /** Of the inputs that are there now: undefined where one does not end by itself, or there is none, as before a fleet's are taken. */
  get ended(): Promise<unknown> | undefined {
    const inputs = [...this.#inputs.values()];
    const ends = inputs.flatMap(({ ended }) => ended ?? []);
    return inputs.length === 0 || ends.length < inputs.length ? undefined : Promise.all(ends);
  }

  /**
   * Opens, closes and opens again what `next` needs, and gives the call that has the others go by `next`, to be called at
   * the moment when that comes into force. Where it throws, as a TallymanError, all is as it was.
   */
  async prepare(next: Setup): Promise<() => void> {
    const undo: Undo[] = [];
    const own_places = this.#own_places;
    // Inputs are opened before the rest of it comes into force.
    this.#own_places = [...own_places, ...ownPlaces(next)];
    try {
      return await this.#prepare(next, undo);
    } catch (cause) {
      this.#own_places = own_places;
      for (const each of undo.toReversed()) await this.#try(each);
      throw cause;
    }
  }

  /** By input; those that are not configured any more, and have left a journal, come last. */
  status(): Map<string, SourceStatus> {
    const journals = this.#journals.status();
    const by_input = new Map<string, SourceStatus>();
    for (const [name, input] of this.#inputs) {
      const silence = this.silence.of(name);
      by_input.set(name, { ...input.status(), journals: journals.get(name) ?? [], silence });
    }
    for (const [name, left] of journals) {
      if (!by_input.has(name)) by_input.set(name, { type: "journal", journals: left });
    }
    return by_input;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#inputs.values()].map((input) => input.stop()));
    await this.#journals.stop();
    await this.#gaps.stop();
  }

  async close(): Promise<void> {
    const inputs = [...this.#inputs.values(), ...this.#left];
    await Promise.all([this.#journals.close(), ...inputs.map((input) => input.close?.())]);
  }

  /** Never rejects: what cannot be had back is reported, and the rest goes on. */
  async #try(undo: Undo): Promise<void> {
    try {
      await undo();
    } catch (cause) {
      const error = messageOf(cause);
      this.#deps.log.error(
        "reload_undo_failed",
        { error },
        "An input could not be reopened after a failed reload. It is tried again at the next reload or restart.",
      );
    }
  }

  async #prepare(next: Setup, undo: Undo[]): Promise<() => void> {
    const { going, reopening, coming } = inputChanges(
      [...this.#inputs.values()],
      next,
      this.#unopened,
    );
    const setups = new Map(
      next.inputs.map((compiled) => [compiled.name, this.#setupOf(compiled, next)]),
    );
    const staying = [...this.#inputs.values()].filter((input) => !going.includes(input));
    for (const input of staying) await input.refresh();
    // It may change the journal of one that goes.
    for (const input of going) undo.push(async () => input.change(input.setup));
    // Where it comes to nothing, journals that nobody needs do no harm. A journal that is there already, of an input that
    // comes back, gives into its buffers as soon as that is made.
    await this.#journals.start();
    const made = coming.map(({ name }) => this.#make(setups.get(name)!));
    await this.#journals.start();
    // What comes may want the place of what goes.
    for (const input of [...going, ...reopening]) undo.push(() => this.#openAgain(input));
    await Promise.all([
      ...going.map((input) => input.pause("goes")),
      ...reopening.map((input) => input.pause("reopens")),
    ]);
    for (const input of reopening) {
      const { setup } = input;
      undo.push(async () => {
        await input.pause("reopens");
        input.change(setup);
      });
      const { compiled } = setups.get(input.name)!;
      input.change({ ...setup, compiled: openedAs(setup.compiled, compiled) });
      await input.start();
    }
    for (const input of made) undo.push(() => input.stop());
    await startInputs(made);
    return () => {
      for (const input of [...going, ...reopening]) this.#unopened.delete(input);
      for (const input of going) this.#leave(input);
      for (const input of this.#inputs.values()) input.change(setups.get(input.name)!);
      for (const input of made) this.#inputs.set(input.name, input);
      this.#own_places = ownPlaces(next);
      this.#journals.need(next);
    };
  }

  async #openAgain(input: RunningInput): Promise<void> {
    this.#unopened.add(input);
    await input.start();
    this.#unopened.delete(input);
  }

  /** What only a deleted file has that is still open is lost then, and only then. */
  #leave(input: RunningInput): void {
    this.#inputs.delete(input.name);
    if (input.close !== undefined) this.#left.add(input);
    // Never rejects.
    void input.stop();
  }

  #setupOf(compiled: CompiledInput, setup: Setup): InputSetup {
    return { compiled, buffers: this.#journals.buffersOf(compiled, setup) };
  }

  #make(setup: InputSetup): RunningInput {
    const { outputs, ledger, clock, log, inherited, downstream, mask } = this.#deps;
    const { name, chain, options } = setup.compiled;
    const services = { ledger, clock, log, inherited };
    ledger.openInput(name);
    if (!isJournaled(options)) {
      const routes = new NamedRoutes(outputs, log, setup.buffers);
      const pipeline = new Pipeline(
        chain,
        { ...downstream, routes },
        new FramingWatch(setup.compiled, log),
      );
      if (options.type === "nats") {
        const known = this.#knownBatches(name);
        return new RunningNatsInput({ setup, services, known, routes, pipeline });
      }
      return new RunningFileInput({
        setup,
        services: { ...services, own_files: this.#own_files },
        openFilesMax: () => this.#openFilesMax(),
        routes,
        pipeline,
      });
    }
    const journal_options = journalOptionsOf(options);
    const { source, routes } = this.#journals.behind(name, journal_options);
    source.change(journal_options);
    routes.change(setup.buffers);
    return new RunningJournaledInput({ setup, services, journal: source, routes, mask });
  }

  #knownBatches(input: string): KnownBatches {
    const known = this.#known_batches.get(input) ?? {
      lanes: new AgentLanes(this.#deps.ledger, input),
      heard: new HeardReceipts(),
    };
    this.#known_batches.set(input, known);
    return known;
  }

  /** Until it stops. Never rejects. */
  async #watchSilence(): Promise<void> {
    const { clock } = this.#deps;
    while (!this.#stopping.signal.aborted) {
      this.silence.look([...this.#inputs.values()].map((input) => this.#heardOf(input)));
      await clock.sleep(silence_interval_ms, this.#stopping.signal);
    }
  }

  #heardOf(input: RunningInput): HeardInput {
    const { name, setup } = input;
    const { chain, options } = setup.compiled;
    const isHeld = (): boolean => {
      const { files, journals = [] } = this.status().get(name) ?? {};
      return files?.waiting_since_ms !== undefined || journals.some(({ is_closed }) => is_closed);
    };
    return { name, expect_every: options.expect_every, events: chain.events, isHeld };
  }

  #openFilesMax(): number {
    const { inputs, config } = this.#deps.setup();
    return openFilesMax(
      inputs.map(({ options }) => options),
      countBuffers(inputs, outputsOf(config)),
    );
  }
}

function ownPlaces({ config }: Setup): OwnPlace[] {
  return [...standard_streams, ...ownPlacesOf(config)];
}
