/**
 * The outputs of a configuration, as the pipelines see them: the default one, and the others by name. They are drained
 * and closed side by side, so that one that is down takes no time from another.
 */
import type { NamedOutput } from "../config/outputs.ts";
import type { LogEvent } from "../event/log-event.ts";
import { ArchiveFile } from "../output/file/archive-file.ts";
import { LineOutput, waiting_bytes_max } from "../output/line-output.ts";
import { endpointsOf } from "../output/options.ts";
import type { Output } from "../output/output.ts";
import type { OutputCondition } from "../output/output-status.ts";
import type { OutputFacts } from "../output/output-facts.ts";
import { SplunkHecOutput } from "../output/splunk-hec.ts";
import { StandardOutput } from "../output/stdout/standard-output.ts";

/** Where events go from a pipeline. */
export interface Destination {
  /** Takes one event; nothing of the event is needed after it. */
  add(event: LogEvent): void;
  /** Undefined while there is room for another block of `input`; else a promise for when there may be. Never rejects. */
  room(input: string): Promise<void> | undefined;
  /** Says that `pipeline` has something for it, until it is idle. */
  begin(pipeline: object): void;
  /** Says that `pipeline` has nothing more at hand now. */
  idle(pipeline: object): void;
}

/** An output, and the pipelines that have had something for it since their input was last idle. */
export class OutputDestination implements Destination {
  readonly output: Output;
  readonly #busy = new Set<object>();

  constructor(output: Output) {
    this.output = output;
  }

  add(event: LogEvent): void {
    this.output.add(event);
  }

  room(input: string): Promise<void> | undefined {
    return this.output.room(input);
  }

  begin(pipeline: object): void {
    this.#busy.add(pipeline);
  }

  idle(pipeline: object): void {
    this.#busy.delete(pipeline);
    if (this.#busy.size === 0) this.output.idle();
  }
}

export class Outputs {
  /** The default one comes first. */
  readonly #by_name: ReadonlyMap<string, OutputDestination>;
  readonly #default: OutputDestination;

  constructor(outputs: readonly NamedOutput[], facts: OutputFacts) {
    const made = outputs.map(
      (each) => [each.name, new OutputDestination(makeOutput(each, facts))] as const,
    );
    this.#by_name = new Map(made);
    this.#default = made[0]![1];
  }

  /** Takes what no step has routed. */
  get default(): OutputDestination {
    return this.#default;
  }

  get default_name(): string {
    return this.#default.output.name;
  }

  /** Undefined where no output is called so. */
  get(name: string): OutputDestination | undefined {
    return this.#by_name.get(name);
  }

  /** As of an output, of all of them. */
  get held_bytes_max(): number {
    const outputs = [...this.#by_name.values()];
    return outputs.reduce((sum, { output }) => sum + output.held_bytes_max, 0);
  }

  /** Of each by its name, the default one first. */
  status(): Map<string, OutputCondition> {
    return new Map([...this.#by_name].map(([name, { output }]) => [name, output.status()]));
  }

  /** Sends all that was added, and resolves when it is delivered or `stop` is aborted. Never rejects. */
  async drain(stop: AbortSignal): Promise<void> {
    await Promise.all(this.#each((output) => output.drain(stop)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#each((output) => output.close()));
  }

  #each(call: (output: Output) => Promise<void>): Promise<void>[] {
    return [...this.#by_name.values()].map(({ output }) => call(output));
  }
}

/** The most that an output holds of what was read and is not settled, in bytes. */
export function heldBytesMax({ options }: NamedOutput): number {
  if (options.type !== "splunk_hec") return waiting_bytes_max;
  const requests_max = options.max_in_flight * endpointsOf(options).length;
  return (requests_max + 4) * options.batch.max_bytes;
}

function makeOutput({ name, options }: NamedOutput, facts: OutputFacts): Output {
  switch (options.type) {
    case "splunk_hec":
      return new SplunkHecOutput(name, options, facts);
    case "file": {
      const sink = new ArchiveFile(options, facts.log);
      return new LineOutput(name, { ...facts, sink, group_bytes: options.max_bytes });
    }
    case "stdout":
      return new LineOutput(name, { ...facts, sink: new StandardOutput(facts.log) });
    default:
      return options satisfies never;
  }
}
