/**
 * The sources of a configuration: its inputs, each with a journal where what it receives exists once; the journals
 * that inputs of earlier configurations have left behind; and the gap reporter.
 */
import { join } from "node:path";
import { isInputName, type Config } from "../config/config.ts";
import { FileInput } from "../inputs/file/file-input.ts";
import { HecInput } from "../inputs/hec/hec-input.ts";
import type { DurableInput } from "../inputs/input.ts";
import { SocketInput } from "../inputs/socket/socket-input.ts";
import { StdinInput } from "../inputs/stdin/stdin-input.ts";
import type { JournalFacts } from "../journal/journal.ts";
import { journalsIn } from "../journal/left-behind.ts";
import { defaultJournalOptions, journalOptionsOf } from "../journal/options.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import { passThrough, type CompiledInput } from "./compile.ts";
import { GapReporter } from "./gap-reporter.ts";
import { JournaledSource } from "./journaled-source.ts";
import { openFilesMax } from "./open-files-limit.ts";
import { Pipeline, type Downstream } from "./pipeline.ts";
import { ReadableSource, type Source } from "./source.ts";

export interface SourceFacts {
  config: Config;
  inputs: readonly CompiledInput[];
  ledger: Ledger;
  clock: Clock;
  log: Logger;
  downstream: Downstream;
  /** Masks in text what the chain of any input knows as a secret. */
  mask: (text: string) => string;
}

/** Makes the sources; nothing is opened before they are started. */
export async function makeSources(facts: SourceFacts): Promise<Source[]> {
  const { inputs, config, ledger, clock, log, downstream } = facts;
  const directory = join(config.state_dir, "journal");
  const unclaimed = new Set(await journalsIn(directory, isInputName));
  const afterChain = (stop: AbortSignal): Pipeline =>
    new Pipeline(passThrough(clock, log), { ...downstream, stop });
  // A journal's reader ends its waiting by itself. It goes on until its input has delivered the last, and must not
  // take in all of a backlog meanwhile.
  const afterJournal = (): Pipeline => afterChain(new AbortController().signal);
  const journalFacts = (input: string, options: JournalFacts["options"]): JournalFacts => {
    unclaimed.delete(input);
    return { directory: join(directory, input), input, options, ledger, clock, log };
  };
  const open_files_max = openFilesMax(inputs.map(({ options }) => options));
  const sources = inputs.map(({ name, options, chain, origin }): Source => {
    const services = { ledger, clock, log, origin };
    if (options.type === "file") {
      const input = new FileInput(name, options, { ...services, open_files_max });
      return new ReadableSource(input, new Pipeline(chain, downstream));
    }
    const journal = journalFacts(name, journalOptionsOf(options));
    const input = durableInput(name, options, services);
    return new JournaledSource(journal, afterJournal(), { input, chain, mask: facts.mask });
  });
  for (const name of unclaimed) {
    log.warn(
      { input: name },
      "No input fills this journal any more: the events that were left in it are shipped.",
    );
    sources.push(new JournaledSource(journalFacts(name, defaultJournalOptions), afterJournal()));
  }
  const indexes = new Map(inputs.map(({ name, origin }) => [name, origin.metadata.index]));
  const indexOf = (input: string): string | undefined => indexes.get(input);
  sources.push(new GapReporter({ ledger, clock, intake: afterChain(downstream.stop), indexOf }));
  return sources;
}

type DurableOptions = Exclude<CompiledInput["options"], { type: "file" }>;

function durableInput(
  name: string,
  options: DurableOptions,
  services: Pick<SourceFacts, "ledger" | "clock" | "log"> & Pick<CompiledInput, "origin">,
): DurableInput {
  if (options.type === "socket") return new SocketInput(name, options, services);
  if (options.type === "stdin") return new StdinInput(name, options, services);
  return new HecInput(name, options, services);
}
