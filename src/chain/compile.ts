/**
 * From the options of a chain to a chain that runs. All mistakes are reported at once, each with its place.
 */
import { Scanner } from "../event/scanner.ts";
import type { TimeRule } from "../event/time/time-rule.ts";
import { type Clock, systemClock } from "../platform/clock.ts";
import { type Complaint, TallymanError } from "../platform/errors.ts";
import type { Directories, PlaceOfFiles } from "../platform/files/confined.ts";
import type { Logger } from "../platform/log.ts";
import { pluginExceptions } from "./plugins/plugin-exceptions.ts";
import { suggestion } from "../platform/text/suggest.ts";
import { watchdog } from "../platform/watchdog/watchdog.ts";
import { Chain } from "./chain.ts";
import { checkOptions, type ValueOrigins } from "./check-options.ts";
import { Destinations } from "./destinations.ts";
import { createdStep, type CreatedStep } from "./plugins/created-step.ts";
import { disposeSteps } from "./plugins/disposal.ts";
import { inTime } from "./plugins/in-time.ts";
import { builtInNames, type LoadedPlugin, type Plugins } from "./plugins/load-plugins.ts";
import { describeRefusal, hiding, type OwnWords, ownWords } from "./plugins/refusal.ts";
import { misplacedSecretsIn } from "./plugins/secret-options.ts";
import { isolate } from "./isolate.ts";
import { LargeEvents } from "./large-events/large-events.ts";
import { FileLists } from "./lists/file-lists.ts";
import { type Budget, type ChainOptions, pluginOf, type StepOptions } from "./options.ts";
import { PathPool } from "./path-pool.ts";
import { type ReadAndMasked, readBeforeRedact } from "./read-before-redact.ts";
import { redact_plugin, redactionId, type StepId } from "./redaction/step-id.ts";
import { Secrets } from "./masking/secrets.ts";
import { type Observe, observedStep, type Step } from "./step.ts";
import { StepContext } from "./step-context.ts";
import { watched } from "./plugins/watched-step.ts";

export interface CompileContext {
  readonly log: Logger;
  /** How the times of its events are read. */
  readonly time?: TimeRule;
  readonly clock?: Clock;
  /** The input whose events go through it, for the log. */
  readonly input?: string;
  /** Names of the outputs that there are. */
  readonly outputs?: readonly string[];
  /** Where relative paths of lists and packs begin. Default: the working directory. */
  readonly folder?: string;
  /** In which the files of lists, tables and packs have to be. Default: anywhere. */
  readonly directories?: Directories;
  /** What is known of the values in the configuration, by the keys that lead to them from its top. */
  readonly values?: ValueOrigins;
  /** Where the chain is in the configuration. */
  readonly at?: Complaint["path"];
  /** For a preview. */
  readonly observe?: Observe | undefined;
  /**
   * For events that have been through a former chain: only the redact steps are compiled, and each passes over an event of
   * which this says, by the step's id, that it has been through the step.
   */
  readonly hasPassed?: ((id: string) => boolean) | undefined;
}

/** Compiles the chain. Throws TallymanError config_invalid with the place of every mistake. */
export async function compileChain(
  options: ChainOptions,
  plugins: Plugins,
  context: CompileContext,
): Promise<Chain> {
  const compiler = new Compiler(plugins, context);
  for (const [number, step] of options.entries()) {
    const is_wanted = context.hasPassed === undefined || pluginOf(step) === redact_plugin;
    if (is_wanted) await compiler.add(step, number);
  }
  return await compiler.finish();
}

const no_origins: ValueOrigins = {
  isInserted: () => false,
  isSecret: () => false,
  confinedAt: () => undefined,
  hide: undefined,
};

class Compiler {
  readonly #plugins: Plugins;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #at: Complaint["path"];
  readonly #values: ValueOrigins;
  readonly #input: string | undefined;
  readonly #observe: CompileContext["observe"];
  readonly #hasPassed: CompileContext["hasPassed"];
  readonly #redaction_ids: StepId[] = [];
  readonly #paths = new PathPool();
  readonly #time: TimeRule | undefined;
  readonly #secrets = new Secrets();
  readonly #destinations: Destinations;
  readonly #files: PlaceOfFiles;
  readonly #lists: FileLists;
  readonly #large: LargeEvents;
  readonly #steps: Step[] = [];
  readonly #complaints: Complaint[] = [];
  readonly #warnings: Complaint[] = [];
  readonly #names = new Set<string>();
  readonly #read_and_masked: ReadAndMasked[] = [];

  constructor(plugins: Plugins, context: CompileContext) {
    this.#plugins = plugins;
    this.#log = context.log;
    this.#clock = context.clock ?? systemClock;
    this.#at = context.at ?? ["chain"];
    this.#values = context.values ?? no_origins;
    this.#input = context.input;
    this.#observe = context.observe;
    this.#hasPassed = context.hasPassed;
    this.#time = context.time;
    this.#destinations = new Destinations(context.outputs ?? []);
    const { folder = ".", directories, log, input } = context;
    this.#files = { folder, directories };
    this.#large = new LargeEvents(folder);
    this.#lists = new FileLists({ ...this.#files, clock: this.#clock, log, input });
  }

  async add(step: StepOptions, number: number): Promise<void> {
    const at = [...this.#at, number];
    const plugin_name = pluginOf(step);
    const loaded = this.#plugins.get(plugin_name);
    const name = this.#nameOf(step, plugin_name, at);
    if (loaded === undefined) {
      const hint = suggestion(plugin_name, [
        ...new Set([...builtInNames(), ...this.#plugins.keys()]),
      ]);
      const message = `there is no plugin "${plugin_name}"${hint}`;
      this.#complaints.push({ path: [...at, plugin_name], message, at: "key", words: "own" });
      return;
    }
    const confinedAt = (path: Complaint["path"]) => this.#values.confinedAt([...at, ...path]);
    for (const { path, message } of misplacedSecretsIn(step, loaded, confinedAt))
      this.#complaints.push({ path: [...at, ...path], message, words: "own" });
    const options = structuredClone(step[plugin_name] ?? {});
    const context = new StepContext(name, {
      options,
      at: [...at, plugin_name],
      paths: this.#paths,
      secrets: this.#secrets,
      destinations: this.#destinations,
      lists: this.#lists,
      files: this.#files,
      again: this.#hasPassed !== undefined,
      clock: this.#clock,
      log: this.#log,
      hide: hiding(loaded.plugin, structuredClone(options), this.#values.hide),
      complain: (path, message) => this.#complain(path, message),
      warn: (path, message) => this.#warnings.push({ path, message }),
    });
    const when = step.when === undefined ? undefined : context.when(step.when, [...at, "when"]);
    const { on_error, isolate: budget } = step;
    if (budget !== undefined && loaded.built_in) {
      const message = `${plugin_name} is built in, and need not be isolated`;
      this.#complain([...at, "isolate"], message);
      return;
    }
    const created = await this.#create(loaded, { options, on_error, budget }, context);
    if (created === undefined) return;
    const { file } = loaded;
    const is_redact = plugin_name === redact_plugin;
    const passes = is_redact ? await this.#passing(step, when) : when;
    const { secret_paths, patterns, named, isClean } = context;
    const place = { options: step, number: this.#steps.length, found: patterns.found };
    const handle = is_redact ? this.#large.handleOf(created.handle, place) : created.handle;
    const known = { name, plugin: plugin_name, file, when: passes, on_error, options: step };
    const declared = { secret_paths, patterns, named, isClean };
    const masked = [...secret_paths, ...context.known_paths];
    this.#read_and_masked.push({ name, plugin: plugin_name, at, options: step, named, masked });
    this.#steps.push(observedStep({ ...known, ...created, handle, ...declared }, this.#observe));
  }

  /** The condition of a redact step: `when`, and where events may have been through the step, that they have not. */
  async #passing(step: StepOptions, when: Step["when"]): Promise<Step["when"]> {
    const id = await redactionId(step, this.#files);
    this.#redaction_ids.push(id);
    const hasPassed = this.#hasPassed;
    if (hasPassed === undefined) return when;
    return (event) => !hasPassed(id()) && (when === undefined || when(event));
  }

  /** Where there are mistakes, what is made so far is ended. */
  async finish(): Promise<Chain> {
    const maskText = this.#secrets.seal();
    if (this.#complaints.length > 0) {
      await disposeSteps(this.#steps, this.#clock, this.#log);
      const list = this.#complaints.map(({ path, message }) => `${path.join(".")}: ${message}`);
      throw new TallymanError("config_invalid", `The chain has errors:\n${list.join("\n")}`, {
        complaints: this.#complaints,
      });
    }
    return new Chain({
      scanner: new Scanner(this.#paths.all(), {
        outputs: this.#destinations.names,
        time: this.#time,
        maskText,
      }),
      steps: this.#steps,
      lists: this.#lists,
      large: this.#large,
      maskText,
      warnings: [...this.#warnings, ...readBeforeRedact(this.#read_and_masked)],
      redaction_ids: this.#redaction_ids,
      is_first: this.#hasPassed === undefined,
      clock: this.#clock,
      log: this.#log,
      input: this.#input,
    });
  }

  /** The step's own name, or its plugin's with a number where that is taken. */
  #nameOf(step: StepOptions, plugin: string, at: Complaint["path"]): string {
    let name = step.name ?? plugin;
    if (step.name !== undefined && this.#names.has(name)) {
      this.#complain([...at, "name"], `another step is already called "${name}"`);
    }
    for (let copy = 2; this.#names.has(name); copy += 1) name = `${plugin}_${copy}`;
    this.#names.add(name);
    return name;
  }

  async #create(
    loaded: LoadedPlugin,
    how: { options: unknown; on_error: StepOptions["on_error"]; budget: Budget | undefined },
    context: StepContext,
  ): Promise<CreatedStep | undefined> {
    const { options, on_error, budget } = how;
    const { plugin, file } = loaded;
    const words = ownWords(plugin, structuredClone(options), this.#values.hide);
    try {
      const schema = plugin.options;
      const values = this.#valuesBelow(context.at);
      const checked = schema && (await inTime(checkOptions(schema, options, values), this.#clock));
      if (checked?.mistakes !== undefined) {
        const start = context.at;
        for (const { path, message, ...more } of checked.mistakes) {
          const text = more.words === "own" ? message : words(message);
          this.#complaints.push({ path: [...start, ...path], message: text, ...more });
        }
        return undefined;
      }
      if (budget !== undefined)
        return await this.#isolate(loaded, { options, budget, words }, context);
      const value = checked === undefined ? options : checked.value;
      const onLate = (late: unknown): void => {
        const { dispose } = createdStep(late) as Partial<CreatedStep>;
        const step = { name: context.step, plugin: plugin.name, file, dispose };
        void disposeSteps([step], this.#clock, this.#log);
      };
      const own = context.forPlugin();
      const given = plugin.name === redact_plugin ? own : this.#large.noting(own);
      const create = (): unknown => plugin.create(value, given);
      const activity = { kind: "create", step: context.step, plugin: plugin.name, file } as const;
      const creating = watchdog.during(activity, create);
      const created = createdStep(await inTime(creating, this.#clock, onLate));
      if (typeof created !== "string") {
        const { step } = context;
        return loaded.built_in ? created : watched(created, loaded, { step, options, on_error });
      }
      context.refuse([], created);
      return undefined;
    } catch (thrown) {
      pluginExceptions.note({ step: context.step, file }, thrown);
      context.refuse([], describeRefusal(thrown, words));
      return undefined;
    } finally {
      context.close();
    }
  }

  /** The step in a process of its own. */
  #isolate(
    loaded: LoadedPlugin,
    { options, budget, words }: { options: unknown; budget: Budget; words: OwnWords },
    context: StepContext,
  ): Promise<CreatedStep | undefined> {
    const given = { options, budget, outputs: this.#destinations.known, files: this.#files };
    const own = {
      refuse: (path: Complaint["path"], said: string) => context.refuse(path, words(said)),
    };
    const deps = { ...given, clock: this.#clock, log: this.#log, lists: this.#lists, context: own };
    return isolate(loaded, deps, this.#large.noting(context.forPlugin()));
  }

  #valuesBelow(at: Complaint["path"]): ValueOrigins {
    return {
      isInserted: (path) => this.#values.isInserted([...at, ...path]),
      isSecret: (path) => this.#values.isSecret([...at, ...path]),
      confinedAt: (path) => this.#values.confinedAt([...at, ...path]),
      hide: this.#values.hide,
    };
  }

  #complain(path: Complaint["path"], message: string): void {
    this.#complaints.push({ path, message });
  }
}
