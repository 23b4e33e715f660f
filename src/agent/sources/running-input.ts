/**
 * A configured input while it runs: with its way into the outputs or its journal, which stays when a reload has the
 * input itself opened again.
 */
import type { InputCondition } from "../../inputs/input.ts";
import type { Destination } from "../outputs/destination.ts";
import type { CompiledInput } from "../setup/compile.ts";

/** The disk buffers of one input, by the output that each is before. */
export type BuffersByOutput = ReadonlyMap<string, Destination>;

/** What an input is at one time. */
export interface InputSetup {
  readonly compiled: CompiledInput;
  readonly buffers: BuffersByOutput;
}

export interface RunningInput {
  readonly name: string;
  /** What it runs with. */
  readonly setup: InputSetup;
  /** Resolves when nothing will ever come in again; undefined where that does not happen by itself. */
  readonly ended: Promise<void> | undefined;
  /** Opens the input, or after `pause` opens it again. Throws a TallymanError for what the user can fix. */
  start(): Promise<void>;
  /**
   * Closes the input, so that it goes on after `start` where it was: `reopens` with all that is open now, as far as that is
   * possible; where it `goes`, its clients are let go first, as it will be started again only if the reload fails.
   */
  pause(fate: "reopens" | "goes"): Promise<void>;
  /** Reads again the files that its options name. Throws a TallymanError where they cannot be used, and keeps the former. */
  refresh(): Promise<void>;
  /** From the next block on it uses chain, metadata and buffers of `next`; its own options only from the next start on. */
  change(next: InputSetup): void;
  /** Takes in and reads nothing more. Also after `pause`. */
  stop(): Promise<void>;
  /** Closes what had to stay open after `stop`. Comes after the last state was written. */
  close?(): Promise<void>;
  status(): InputCondition;
}

/**
 * Starts them. Files last: what is read of them is sent, although another input that cannot be opened may have all of it refused. And
 * all of those at once: what is read of one leaves the next one little time to find its files. Throws what one throws, once none is
 * starting any more.
 */
export async function startInputs(inputs: readonly RunningInput[]): Promise<void> {
  const { files = [], others = [] } = Object.groupBy(inputs, ({ setup }) =>
    setup.compiled.options.type === "file" ? "files" : "others",
  );
  for (const input of others) await input.start();
  const started = await Promise.allSettled(files.map((input) => input.start()));
  for (const each of started) if (each.status === "rejected") throw each.reason;
}
