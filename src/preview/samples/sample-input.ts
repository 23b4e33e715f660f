/**
 * Tries the first events of an input's own files on its chain, as far as its steps are built in: what nobody at tallyman wrote
 * is not given events without being asked for.
 */
import { pluginOf, type ChainOptions } from "../../chain/options.ts";
import { KeySample } from "../../chain/key-sample.ts";
import type { Plugins } from "../../chain/plugins/load-plugins.ts";
import type { StepCounts } from "../../chain/step.ts";
import type { Config } from "../../config/config.ts";
import type { Records } from "../../event/block.ts";
import type { Lead } from "../../inputs/file/matching-files.ts";
import { systemClock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { readingOptionsOf } from "../reading/log-reading.ts";
import { readLog } from "../reading/read-log.ts";
import { type RuleHits, ruleHitsOf } from "../rule-hits.ts";
import type { DryRun } from "../run/dry-run.ts";
import { Preview } from "../run/preview.ts";

const events_max = 500;
const files_max = 5;
/** Of each file. */
const bytes_max = 4 * 1024 * 1024;

/** What a step did to the events. */
export interface StepSample extends RuleHits {
  /** Counted from 0 in its chain. */
  readonly number: number;
  readonly options: StepCounts["options"];
  readonly is_keep: boolean;
  /** Names in its conditions that no event had. */
  readonly absent: readonly string[];
}

/** What was tried on an input, and what came of it. */
export interface InputSample {
  readonly input: string;
  readonly is_common_chain: boolean;
  readonly files: readonly string[];
  readonly events: number;
  /** Events by what became of them: `kept`, or the fate and the reason. */
  readonly ends: ReadonlyMap<string, number>;
  readonly steps: readonly StepSample[];
  /** The plugin of the first step that was given nothing, nor any behind it; undefined where all were. */
  readonly left_out: string | undefined;
}

/** Tries all inputs that follow files and have any. What cannot be read is left out. */
export async function sampleInputs(
  config: Config,
  matches: ReadonlyMap<string, ReadonlyMap<string, Lead>>,
  plugins: Plugins,
  progress: (bytes: number) => void,
): Promise<InputSample[]> {
  const samples: InputSample[] = [];
  for (const [name, leads] of matches) {
    const files = chosenFiles([...leads.values()]);
    if (files.length === 0) continue;
    const sample = await sampleInput(config, { name, files, progress }, plugins);
    if (sample.events > 0) samples.push(sample);
  }
  return samples;
}

/** The first file of each glob, then the others. */
function chosenFiles(leads: readonly Lead[]): string[] {
  const filled = leads.map(({ files }) => files.filter(({ size_bytes }) => size_bytes > 0));
  const [firsts, others] = [filled.map(([first]) => first), filled.map(([, ...rest]) => rest)];
  const paths = [...firsts, ...others.flat()].flatMap((file) => file?.path ?? []);
  return [...new Set(paths)].slice(0, files_max);
}

/** An input that is tried, and who is given the bytes that were read of its files. */
interface Sampled {
  readonly name: string;
  readonly files: readonly string[];
  readonly progress: (bytes: number) => void;
}

async function sampleInput(
  config: Config,
  { name, files, progress }: Sampled,
  plugins: Plugins,
): Promise<InputSample> {
  const own = config.inputs[name]!.chain;
  const chain = own ?? config.chain;
  const tried = builtInStart(chain, plugins);
  const preview = await Preview.open(withChain(config, name, tried), { plugins, only: name });
  try {
    const run = preview.runOf(name);
    const counts = new Counts(run, progress);
    const each_max = Math.ceil(events_max / files.length);
    for (const file of files) await counts.read(file, each_max, config);
    return {
      input: name,
      is_common_chain: own === undefined,
      files,
      events: counts.events,
      ends: counts.ends,
      steps: run.steps.map((step, number) => ({
        ...ruleHitsOf(run, step, counts.keys),
        number,
        options: step.options,
        is_keep: step.is_keep,
        absent: run.absentIn(step),
      })),
      left_out: tried.length < chain.length ? pluginOf(chain[tried.length]!) : undefined,
    };
  } finally {
    await preview.close();
  }
}

class Counts {
  readonly keys = new KeySample();
  readonly ends = new Map<string, number>();
  readonly #run: DryRun;
  readonly #progress: (bytes: number) => void;
  events = 0;

  constructor(run: DryRun, progress: (bytes: number) => void) {
    this.#run = run;
    this.#progress = progress;
  }

  /** Reads the beginning of a file. */
  async read(file: string, each_max: number, config: Config): Promise<void> {
    const wanted = this.events + each_max;
    const { name } = this.#run.input;
    const reading = {
      ...readingOptionsOf(config.inputs[name]!),
      origin: this.#run.originOf(file),
      clock: systemClock,
      bytes_max,
      progress: this.#progress,
      take: (records: Records) => Promise.resolve(this.#take(records, wanted)),
    };
    try {
      await readLog(file, reading);
    } catch (thrown) {
      // That a file cannot be read is said elsewhere.
      if (!(thrown instanceof TallymanError)) throw thrown;
    }
  }

  /** False where there are enough. */
  #take(records: Records, wanted: number): boolean {
    for (let number = 0; number < records.count && this.events < wanted; number += 1) {
      const outcomes = this.#run.run(records, number, false);
      this.events += 1;
      for (const outcome of outcomes) {
        const { fate, reason = "", part } = outcome;
        if (part === undefined || part.number === 1) this.keys.add(outcome.before().text);
        const end = fate === "kept" ? fate : `${fate} (${reason})`;
        this.ends.set(end, (this.ends.get(end) ?? 0) + 1);
      }
    }
    return this.events < wanted;
  }
}

/** The steps up to the first whose plugin is not built in. */
function builtInStart(chain: ChainOptions, plugins: Plugins): ChainOptions {
  const end = chain.findIndex((step) => plugins.get(pluginOf(step))?.built_in !== true);
  return end < 0 ? chain : chain.slice(0, end);
}

/** The configuration as if the input had this chain. */
function withChain(config: Config, name: string, chain: ChainOptions): Config {
  const options = config.inputs[name]!;
  const changed = options.chain === undefined ? { chain } : {};
  const inputs = {
    ...config.inputs,
    [name]: options.chain === undefined ? options : { ...options, chain },
  };
  const properties = Object.entries({ ...changed, inputs }).map(
    ([key, value]) => [key, { value, enumerable: true }] as const,
  );
  return Object.create(config, Object.fromEntries(properties)) as Config;
}
