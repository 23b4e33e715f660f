/**
 * The sources of a configuration: its inputs, each with a journal where what it receives exists once; the journals
 * that inputs of earlier configurations have left behind; and the gap reporter.
 */
import { outputsOf } from "../config/outputs.ts";
import { FileInput } from "../inputs/file/file-input.ts";
import { HecInput } from "../inputs/hec/hec-input.ts";
import type { DurableInput } from "../inputs/input.ts";
import { SocketInput } from "../inputs/socket/socket-input.ts";
import { StdinInput } from "../inputs/stdin/stdin-input.ts";
import { journalOptionsOf } from "../journal/options.ts";
import { BufferedSource } from "./buffered-source.ts";
import { passThrough, type CompiledInput } from "./compile.ts";
import { GapReporter } from "./gap-reporter.ts";
import { JournaledSource } from "./journaled-source.ts";
import { Journals } from "./journals.ts";
import { openFilesMax } from "./open-files-limit.ts";
import { countBuffers } from "./output-buffer.ts";
import { Pipeline } from "./pipeline.ts";
import type { SourceFacts } from "./source-facts.ts";
import { ReadableSource, type Source } from "./source.ts";

/** Makes the sources; nothing is opened before they are started. */
export async function makeSources(facts: SourceFacts): Promise<Source[]> {
  const { inputs, config, ledger, clock, log, inherited, downstream } = facts;
  const open_files_max = openFilesMax(
    inputs.map(({ options }) => options),
    countBuffers(inputs, outputsOf(config)),
  );
  const journals = await Journals.find(facts);
  const sources = inputs.map((compiled): Source => {
    const { name, options, chain, origin } = compiled;
    const services = { ledger, clock, log, origin };
    const output_buffers = journals.buffersOf(compiled);
    const routes = journals.routesThrough(output_buffers);
    const withBuffers = (source: Source): Source =>
      output_buffers.size === 0 ? source : new BufferedSource(source, [...output_buffers.values()]);
    if (options.type === "file") {
      const input = new FileInput(name, options, { ...services, open_files_max });
      const pipeline = new Pipeline(chain, { ...downstream, routes });
      return withBuffers(new ReadableSource(input, pipeline));
    }
    const journal = journals.take({ input: name }, journalOptionsOf(options));
    const input = durableInput(name, options, { ...services, inherited });
    const filler = { input, chain, mask: facts.mask };
    return withBuffers(new JournaledSource(journal, journals.pipelineTo(routes), filler));
  });
  sources.push(...journals.leftBehind());
  const indexes = new Map(inputs.map(({ name, origin }) => [name, origin.metadata.index]));
  const indexOf = (input: string): string | undefined => indexes.get(input);
  const intake = new Pipeline(passThrough(clock, log), downstream);
  sources.push(new GapReporter({ ledger, clock, intake, indexOf }));
  return sources;
}

type DurableOptions = Exclude<CompiledInput["options"], { type: "file" }>;

function durableInput(
  name: string,
  options: DurableOptions,
  services: Pick<SourceFacts, "ledger" | "clock" | "log" | "inherited"> &
    Pick<CompiledInput, "origin">,
): DurableInput {
  if (options.type === "socket") return new SocketInput(name, options, services);
  if (options.type === "stdin") return new StdinInput(name, options, services);
  return new HecInput(name, options, services);
}
