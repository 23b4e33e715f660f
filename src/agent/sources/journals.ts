/**
 * The journals in a state directory: behind inputs whose events exist once, in front of outputs where an input's chain
 * routes to several, and those that nothing needs any more. All are read for as long as the agent runs.
 *
 *     state_dir/journal/<input>/            state_dir/journal/<input>@<output>/
 */
import { isJournaled } from "../../config/inputs.ts";
import { join } from "node:path";
import { isInputName } from "../../config/config.ts";
import { isOutputName, outputsOf, type NamedOutput } from "../../config/outputs.ts";
import { BufferRoom } from "./buffer-room.ts";
import { BytePool } from "../../journal/frames/byte-pool.ts";
import type { JournalStatus } from "../../journal/journal.ts";
import { journalsIn } from "../../journal/left-behind.ts";
import { unsettledJournalOf } from "../../journal/stream.ts";
import { defaultJournalOptions, type JournalOptions } from "../../journal/options.ts";
import { RedactingIntake } from "../redaction/redacting-intake.ts";
import type { Redaction } from "../redaction/redaction.ts";
import { passThrough, type CompiledInput } from "../setup/compile.ts";
import { JournalSource } from "./journal-source.ts";
import { bufferedOutputs, OutputBuffer } from "./output-buffer.ts";
import { Pipeline } from "../flow/pipeline.ts";
import { NamedRoutes, type Routes } from "../flow/routes.ts";
import type { Setup } from "../setup/setup.ts";
import type { SourceDeps } from "./source-deps.ts";
import { state_names } from "../../platform/files/state-names.ts";

const separator = "@";

/** Whose journal it is. */
interface Owner {
  input: string;
  /** The output that it is before; undefined for the one behind the input. */
  output?: string;
}

/** The journal behind an input, and the routes from there. */
export interface JournalBehind {
  readonly source: JournalSource;
  readonly routes: NamedRoutes;
}

export class Journals {
  readonly #deps: SourceDeps;
  readonly #directory: string;
  readonly #pool = new BytePool();
  /** Of the buffers. */
  readonly #memory = new BufferRoom(() => this.#buffers.size);
  /** By folder. */
  readonly #behind = new Map<string, JournalBehind>();
  /** By folder, those in front of outputs. */
  readonly #before = new Map<string, JournalSource>();
  /** What fills those, by folder. */
  readonly #buffers = new Map<string, OutputBuffer>();

  private constructor(deps: SourceDeps, directory: string) {
    this.#deps = deps;
    this.#directory = directory;
  }

  /** Finds what earlier runs have left. Nothing is opened. */
  static async find(deps: SourceDeps): Promise<Journals> {
    const directory = join(deps.setup().config.state_dir, state_names.journals);
    const journals = new Journals(deps, directory);
    const isOurs = (name: string): boolean => ownerOf(name) !== undefined;
    const folders = new Set(await journalsIn(directory, isOurs));
    // What was in one whose files are gone is to be counted, although no input fills it any more.
    for (const stream of deps.ledger.streams()) {
      const journal = unsettledJournalOf(stream);
      const folder = journal && folderOf({ ...journal, input: stream.input });
      if (folder !== undefined && isOurs(folder)) folders.add(folder);
    }
    for (const folder of folders) {
      const { input, output } = ownerOf(folder)!;
      if (output === undefined) journals.behind(input, defaultJournalOptions());
      else journals.#inFront(input, output, defaultJournalOptions());
    }
    return journals;
  }

  /** The journal behind an input. */
  behind(input: string, options: JournalOptions): JournalBehind {
    const known = this.#behind.get(input);
    if (known !== undefined) return known;
    const routes = new NamedRoutes(this.#deps.outputs, this.#deps.log);
    const source = this.#source({ input }, options, routes);
    const made = { source, routes };
    this.#behind.set(input, made);
    return made;
  }

  /** The buffers that an input needs, by output; none where its chain has one way out. */
  buffersOf(input: CompiledInput, { config }: Setup): Map<string, OutputBuffer> {
    return new Map(
      bufferedOutputs(input, outputsOf(config)).map((output) => {
        const { name } = output;
        const folder = folderOf({ input: input.name, output: name });
        const options = bufferOptionsOf(output);
        const source = this.#inFront(input.name, name, options);
        const made =
          this.#buffers.get(folder) ??
          new OutputBuffer(source, options, {
            steps: this.#stepsOf(input.name),
            memory: this.#memory,
          });
        this.#buffers.set(folder, made);
        return [name, made];
      }),
    );
  }

  /**
   * Opens what is not open yet, and begins to give what is in it. Throws TallymanError state_unwritable; those that are
   * not open are forgotten then, as the next configuration may not need them.
   */
  async start(): Promise<void> {
    // A journal behind an input gives at once, and may give into those in front of outputs.
    const behind = [...this.#behind.values()].map(({ source }) => source);
    try {
      for (const source of [...this.#before.values(), ...behind]) await source.start();
    } catch (cause) {
      this.#forgetUnopened();
      throw cause;
    }
  }

  /** Says what is in force: the journals that it needs go by its options, and what is in the others is shipped. */
  need({ inputs, config }: Setup): void {
    const outputs = outputsOf(config);
    const needed = new Set<string>();
    for (const input of inputs) {
      if (isJournaled(input.options)) needed.add(input.name);
      for (const output of bufferedOutputs(input, outputs)) {
        const folder = folderOf({ input: input.name, output: output.name });
        this.#buffers.get(folder)!.change(bufferOptionsOf(output));
        needed.add(folder);
      }
    }
    for (const [folder, source] of this.#all()) {
      const is_needed = needed.has(folder);
      if (!is_needed && source.is_left_behind !== true) this.#tellOf(ownerOf(folder)!);
      source.is_left_behind = !is_needed;
    }
  }

  /** Of all journals, by their inputs. */
  status(): Map<string, JournalStatus[]> {
    const by_input = new Map<string, JournalStatus[]>();
    for (const source of this.#sources()) {
      by_input.set(source.name, [...(by_input.get(source.name) ?? []), ...source.status()]);
    }
    return by_input;
  }

  /** Stops giving, and writes what the buffers have. Comes after the inputs have stopped. */
  async stop(): Promise<void> {
    // What is read of these may go into buffers.
    await Promise.all([...this.#behind.values()].map(({ source }) => source.stop()));
    await Promise.all([...this.#buffers.values()].map((buffer) => buffer.stop()));
    await Promise.all([...this.#before.values()].map((source) => source.stop()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#sources().map((source) => source.close()));
  }

  #forgetUnopened(): void {
    for (const [folder, source] of this.#all()) {
      if (source.is_open) continue;
      this.#behind.delete(folder);
      this.#before.delete(folder);
      this.#buffers.delete(folder);
    }
  }

  #inFront(input: string, output: string, options: JournalOptions): JournalSource {
    const folder = folderOf({ input, output });
    const { outputs } = this.#deps;
    const made =
      this.#before.get(folder) ??
      this.#source({ input, output }, options, {
        of: () => outputs.get(output) ?? outputs.default,
      });
    this.#before.set(folder, made);
    return made;
  }

  /**
   * What is in a journal has been through its chain. Its reader ends its waiting by itself: it goes on until its input
   * has delivered the last, and must not take in all of a backlog meanwhile.
   */
  #source(owner: Owner, options: JournalOptions, routes: Routes): JournalSource {
    const { ledger, clock, log, downstream } = this.#deps;
    const directory = join(this.#directory, folderOf(owner));
    const deps = { directory, ...owner, options, ledger, clock, log, pool: this.#pool };
    const stop = new AbortController().signal;
    const pipeline = new Pipeline(passThrough(clock, log), { ...downstream, routes, stop });
    const { input } = owner;
    const redaction = (): Redaction | undefined => this.#compiled(input)?.redaction;
    const way = { intake: pipeline, input, redaction, clock, log, stop: downstream.stop };
    return new JournalSource(deps, new RedactingIntake(way));
  }

  /** The input as it is configured now; undefined where it is not any more. */
  #compiled(input: string): CompiledInput | undefined {
    return this.#deps.setup().inputs.find(({ name }) => name === input);
  }

  /** Gives the redact steps that its events go through at that moment. It is asked for each event. */
  #stepsOf(input: string): () => string {
    let looked_at: Setup | undefined;
    let steps = "";
    return () => {
      const setup = this.#deps.setup();
      if (setup !== looked_at) steps = this.#compiled(input)?.chain.redacted_by ?? "";
      looked_at = setup;
      return steps;
    };
  }

  #all(): [string, JournalSource][] {
    const behind = [...this.#behind].map(([folder, { source }]): [string, JournalSource] => [
      folder,
      source,
    ]);
    return [...behind, ...this.#before];
  }

  #sources(): JournalSource[] {
    return this.#all().map(([, source]) => source);
  }

  #tellOf({ input, output }: Owner): void {
    const { outputs, log } = this.#deps;
    if (output === undefined) {
      const message = "No input uses this journal any more. The events left in it are shipped.";
      log.warn("journal_without_input", { input }, message);
    } else if (outputs.get(output) === undefined) {
      const message =
        "The output of this journal is not configured any more. The events left in it go to the default output.";
      log.error(
        "journal_without_output",
        { input, output, default_output: outputs.default_name },
        message,
      );
    } else {
      const message =
        "The input does not use this journal any more. The events left in it are shipped.";
      log.warn("journal_not_needed", { input, output }, message);
    }
  }
}

/** A buffer loses nothing, so it blocks and syncs whatever is configured. */
function bufferOptionsOf({ options: { buffer } }: NamedOutput): JournalOptions {
  return { ...buffer, when_full: "block", sync: "always" };
}

function folderOf({ input, output }: Owner): string {
  return output === undefined ? input : `${input}${separator}${output}`;
}

/** Undefined for a folder of another name. */
function ownerOf(folder: string): Owner | undefined {
  const [input = "", output, ...others] = folder.split(separator);
  if (!isInputName(input) || others.length > 0) return undefined;
  if (output === undefined) return { input };
  return isOutputName(output) ? { input, output } : undefined;
}
