/**
 * `tallyman try`: what the chain of a configuration does with the events of a log. It sends nothing and writes nothing.
 */
import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { loadConfig } from "../../config/load.ts";
import type { Records } from "../../event/block.ts";
import { systemClock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { same } from "../../platform/same.ts";
import { inputFor } from "../../preview/choose-input.ts";
import { Preview } from "../../preview/run/preview.ts";
import { followFile, followStream } from "../../preview/reading/follow.ts";
import { readingOptionsOf, type LogReading } from "../../preview/reading/log-reading.ts";
import { bytesToRead, readLog } from "../../preview/reading/read-log.ts";
import { readStream } from "../../preview/reading/read-stream.ts";
import { Hiding } from "../../preview/secrets/hiding.ts";
import { ShapedSecrets } from "../../preview/secrets/shaped-secrets.ts";
import { Summary } from "../../preview/summary.ts";
import { ending } from "../process/ending.ts";
import { NewSpace } from "../process/new-space.ts";
import { Printing } from "../terminal/printing.ts";
import { Progress } from "../terminal/progress.ts";
import { type Colouring, colouring } from "../terminal/style.ts";
import { Exceptions } from "./exceptions.ts";
import { Choice, type ChoiceOptions } from "./choice.ts";
import { Comparing, Following, type Round } from "./rounds.ts";
import { jsonView, textView } from "./view.ts";

interface TryOptions extends ChoiceOptions {
  config: string;
  color?: Colouring;
  input?: string;
  follow?: boolean;
  json?: boolean;
  diff?: string;
  reveal?: boolean;
}

/** What stands for standard input. */
const standard_input = "-";
const exit_findings = 3;

/** What the command does. */
export async function tryLogs(logs: readonly string[], options: TryOptions): Promise<void> {
  colouring.wanted = options.color ?? "auto";
  const preview = await Preview.open(await loadConfig(options.config));
  let other: Preview | undefined;
  const exceptions = new Exceptions();
  const endCollecting = exceptions.collect();
  try {
    if (options.diff !== undefined) other = await Preview.open(await loadConfig(options.diff));
    const shaped = await ShapedSecrets.create();
    await new Trial(preview, { other, shaped, exceptions, options }).run(logsOf(logs));
  } finally {
    endCollecting();
    await preview.close();
    await other?.close();
  }
}

/** Undefined stands for standard input. */
function logsOf(logs: readonly string[]): (string | undefined)[] {
  if (logs.length > 0) return logs.map((log) => (log === standard_input ? undefined : log));
  if (!process.stdin.isTTY) return [undefined];
  const message = "name a LOG to try the configuration on, or pipe one in";
  throw new TallymanError("usage", message);
}

/** How much there is to read; undefined where nobody knows. */
async function sizeOf(logs: readonly (string | undefined)[]): Promise<number | undefined> {
  const paths = logs.flatMap((log) => (log === undefined ? [] : [resolve(log)]));
  return paths.length < logs.length ? undefined : bytesToRead(paths);
}

interface TrialDeps {
  readonly other: Preview | undefined;
  readonly shaped: ShapedSecrets;
  readonly exceptions: Exceptions;
  readonly options: TryOptions;
}

class Trial {
  readonly #preview: Preview;
  readonly #other: Preview | undefined;
  readonly #options: TryOptions;
  readonly #shaped: ShapedSecrets;
  readonly #exceptions: Exceptions;
  readonly #summary: Summary;
  readonly #round: Round;
  readonly #printing = new Printing();
  readonly #progress = new Progress(systemClock);
  readonly #space = new NewSpace();
  readonly #stop = new AbortController();

  constructor(preview: Preview, { other, shaped, exceptions, options }: TrialDeps) {
    this.#preview = preview;
    this.#other = other;
    this.#options = options;
    this.#shaped = shaped;
    this.#exceptions = exceptions;
    this.#summary = new Summary(shaped, (text) => this.#mask(text));
    this.#round = this.#makeRound();
  }

  async run(logs: readonly (string | undefined)[]): Promise<void> {
    const { follow = false } = this.#options;
    const readings = logs.map((log) => ({ log, reading: this.#readingOf(log) }));
    if (follow) {
      this.#endOnSignal();
      await Promise.all(readings.map(({ log, reading }) => this.#follow(log, reading)));
    } else {
      this.#progress.expect(await sizeOf(logs));
      for (const { log, reading } of readings) await this.#read(log, reading);
    }
    if (!(await this.#print(this.#round.finish()))) return;
    await this.#printing.flush();
    if (this.#round.has_findings) ending.status = exit_findings;
  }

  #mask(text: string): string {
    const masked = this.#preview.mask(text);
    return this.#other === undefined ? masked : this.#other.mask(masked);
  }

  #makeRound(): Round {
    const { json = false, reveal = false, diff, follow = false } = this.#options;
    const preview = this.#preview;
    const other = this.#other;
    const mask = (text: string): string => this.#mask(text);
    const deps = {
      summary: this.#summary,
      exceptions: this.#exceptions,
      choice: new Choice(this.#options, json || follow),
      hiding: new Hiding({ key: randomBytes(16), mask, shaped: this.#shaped, reveals: reveal }),
      view: json ? jsonView : textView,
    };
    const one = (name: string) => preview.runOf(name);
    if (other === undefined || diff === undefined) return new Following(deps, one);
    return new Comparing(deps, { one, other: (name) => other.runOf(this.#otherInput(name)) }, diff);
  }

  /** How the log is read. Throws TallymanError usage. */
  #readingOf(log: string | undefined): LogReading {
    const { config } = this.#preview;
    const name = inputFor(config, log, this.#options.input);
    const run = this.#preview.runOf(name);
    this.#summary.includes(run);
    const options = readingOptionsOf(config.inputs[name]!);
    if (this.#other !== undefined) {
      const theirs = this.#other.config.inputs[this.#otherInput(name)]!;
      if (!same(options, readingOptionsOf(theirs))) {
        const message = `--diff compares events, and the framing, encoding or max_event_bytes of input ${name} differ, so that the events are others`;
        throw new TallymanError("usage", message);
      }
    }
    return {
      ...options,
      origin: run.originOf(log === undefined ? "stdin" : resolve(log)),
      clock: systemClock,
      take: (records) => this.#take(records),
      // What is followed has no end to come nearer to.
      progress: (bytes) => this.#options.follow !== true && this.#progress.add(bytes),
    };
  }

  /** The input of the other configuration that takes the place of this one. Throws TallymanError usage. */
  #otherInput(name: string): string {
    const { config } = this.#other!;
    return inputFor(config, undefined, name);
  }

  async #read(log: string | undefined, reading: LogReading): Promise<void> {
    if (this.#stop.signal.aborted) return;
    if (log === undefined) return readStream(process.stdin, reading);
    const fault = await readLog(resolve(log), reading);
    if (fault !== undefined) this.#summary.note(`${log}: ${fault}`);
  }

  async #follow(log: string | undefined, reading: LogReading): Promise<void> {
    const { signal } = this.#stop;
    const lines =
      log === undefined
        ? followStream(process.stdin, signal)
        : await followFile(resolve(log), signal);
    await readStream(lines, reading);
    // What is followed is read from its source no more.
    this.#stop.abort();
  }

  /** Ctrl-C ends the following, and the summary comes. */
  #endOnSignal(): void {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => this.#stop.abort());
    }
  }

  /** False where nobody reads any more. */
  async #take(records: Records): Promise<boolean> {
    const is_live = this.#options.follow === true;
    this.#space.bound();
    for (let number = 0; number < records.count; number += 1) {
      const lines = this.#round.run(records, number);
      if (lines.length > 0 && !(await this.#print(lines))) return false;
    }
    return is_live ? this.#printing.flush() : true;
  }

  async #print(lines: readonly string[]): Promise<boolean> {
    let is_read = true;
    for (const line of lines) is_read = is_read && (await this.#printing.line(line));
    if (!is_read) this.#stop.abort();
    return is_read;
  }
}
