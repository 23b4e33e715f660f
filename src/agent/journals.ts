/**
 * The journals in a state directory: behind inputs whose events exist once, in front of outputs where an input's chain
 * routes to several, and those that earlier configurations have left behind.
 *
 *     state_dir/journal/<input>/            state_dir/journal/<input>@<output>/
 */
import { join } from "node:path";
import { isInputName } from "../config/config.ts";
import { isOutputName, outputsOf } from "../config/outputs.ts";
import { BytePool } from "../journal/byte-pool.ts";
import type { JournalFacts } from "../journal/journal.ts";
import { journalsIn } from "../journal/left-behind.ts";
import { defaultJournalOptions } from "../journal/options.ts";
import { passThrough, type CompiledInput } from "./compile.ts";
import { JournaledSource } from "./journaled-source.ts";
import { bufferedOutputs, OutputBuffer } from "./output-buffer.ts";
import type { Destination } from "./destination.ts";
import { Pipeline } from "./pipeline.ts";
import { NamedRoutes, type Routes } from "./routes.ts";
import type { Source } from "./source.ts";
import type { SourceFacts } from "./source-facts.ts";

const separator = "@";

/** Whose journal it is. */
interface Owner {
  input: string;
  /** The output that it stands before; undefined for the one behind the input. */
  output?: string;
}

export class Journals {
  readonly #facts: SourceFacts;
  readonly #directory: string;
  /** Folders of journals that nobody has taken. */
  readonly #unclaimed: Set<string>;
  readonly #pool = new BytePool();

  private constructor(facts: SourceFacts, directory: string, folders: readonly string[]) {
    this.#facts = facts;
    this.#directory = directory;
    this.#unclaimed = new Set(folders);
  }

  static async find(facts: SourceFacts): Promise<Journals> {
    const directory = join(facts.config.state_dir, "journal");
    const folders = await journalsIn(directory, (folder) => ownerOf(folder) !== undefined);
    return new Journals(facts, directory, folders);
  }

  /** What the owner's journal is opened with. It is not left behind then. */
  take(owner: Owner, options: JournalFacts["options"]): JournalFacts {
    const { ledger, clock, log } = this.#facts;
    const folder = folderOf(owner);
    this.#unclaimed.delete(folder);
    const directory = join(this.#directory, folder);
    return { directory, ...owner, options, ledger, clock, log, pool: this.#pool };
  }

  /** The buffers of an input, by output; none where its chain has one way out. */
  buffersOf(input: CompiledInput): Map<string, OutputBuffer> {
    const { config, outputs } = this.#facts;
    return new Map(
      bufferedOutputs(input, outputsOf(config)).map(({ name, options: { buffer } }) => {
        const journal = this.take(
          { input: input.name, output: name },
          { ...buffer, when_full: "block", sync: "always" },
        );
        const destination = outputs.get(name)!;
        return [name, new OutputBuffer(journal, this.pipelineTo({ of: () => destination }))];
      }),
    );
  }

  routesThrough(buffers: ReadonlyMap<string, Destination>): Routes {
    const { outputs, log } = this.#facts;
    return new NamedRoutes(outputs, log, buffers);
  }

  /**
   * For what has been through its chain before. A journal's reader ends its waiting by itself: it goes on until its input
   * has delivered the last, and must not take in all of a backlog meanwhile.
   */
  pipelineTo(routes: Routes): Pipeline {
    const { clock, log, downstream } = this.#facts;
    const stop = new AbortController().signal;
    return new Pipeline(passThrough(clock, log), { ...downstream, routes, stop });
  }

  /** Sources for what nobody has taken: it is shipped, where its output is gone to the default one. */
  leftBehind(): Source[] {
    return [...this.#unclaimed].map((folder) => {
      const owner = ownerOf(folder)!;
      const journal = this.take(owner, defaultJournalOptions);
      return new JournaledSource(journal, this.pipelineTo(this.#routesOf(owner)));
    });
  }

  #routesOf({ input, output }: Owner): Routes {
    const { outputs, downstream, log } = this.#facts;
    if (output === undefined) {
      const message =
        "No input fills this journal any more: the events that were left in it are shipped.";
      log.warn({ input }, message);
      return downstream.routes;
    }
    const destination = outputs.get(output);
    if (destination === undefined) {
      const message =
        "The output of this journal is not configured any more: the events that were left in it go to the default one.";
      log.error({ input, output, default_output: outputs.default_name }, message);
    } else {
      const message =
        "The input does not need this journal any more: the events that were left in it are shipped.";
      log.warn({ input, output }, message);
    }
    return { of: () => destination ?? outputs.default };
  }
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
