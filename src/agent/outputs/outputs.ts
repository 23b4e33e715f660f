/**
 * The outputs of a configuration, as the pipelines see them: the default one, and the others by name. They are drained
 * and closed side by side, so that one that is down takes no time from another.
 *
 * They can be replaced while events are in progress, in two steps, so that whatever leads to an output can be changed in
 * between: `extend` makes what is new, and `restrict` lets go of what is no more. Both can be undone.
 */
import assert from "node:assert";
import type { NamedOutput } from "../../config/outputs.ts";
import type { Output, OutputCondition } from "../../output/output.ts";
import { same } from "../../platform/same.ts";
import { OutputDestination, type CurrentOutput } from "./destination.ts";
import type { FreedEvents } from "../../admin/status/waiting-report.ts";
import { CorrectionsKeeper } from "./corrections-keeper.ts";
import { logFreed } from "./log-freed.ts";
import type { InputIndexes, RefusedIndexes } from "./index-corrections.ts";
import { OutputMaker, type OutputMakerDeps } from "./output-maker.ts";
import { RetiredOutputs, type RetiredOutputsDeps } from "./retired-outputs.ts";

/** What a reload means for events that wait for a refused index. */
export interface Correction {
  /** Whether it would free some. */
  readonly frees: boolean;
  /** Has it kept that it may come, so that a crash in the middle of it leaves nothing waiting. Never rejects. */
  readonly announce: () => Promise<void>;
  /** Has them go to the other index once they are handed over or read. */
  readonly use: () => void;
  /** Those that it has freed in memory. */
  readonly freed: () => FreedEvents[];
}

export class Outputs {
  readonly #maker: OutputMaker;
  readonly #deps: OutputMakerDeps;
  readonly #kept: CorrectionsKeeper;
  /** What the inputs name. */
  #named: InputIndexes = new Map();
  readonly #retired: RetiredOutputs;
  #isNumbered: (named: NamedOutput) => boolean = () => false;
  /** Of all that there ever were, by name: somebody may still have something for one that is no more. */
  readonly #destinations = new Map<string, OutputDestination>();
  /** Of those that there are; the default one comes first. */
  #names: readonly string[] = [];
  #closed = false;

  constructor(outputs: readonly NamedOutput[], deps: OutputMakerDeps & RetiredOutputsDeps) {
    this.#deps = deps;
    this.#kept = new CorrectionsKeeper(deps);
    // Whoever says so has not yet put aside what was refused.
    const onIndexRefused = (): void => queueMicrotask(() => this.#freeRefused());
    this.#maker = new OutputMaker({ ...deps, onIndexRefused });
    this.#retired = new RetiredOutputs(deps, () => this.#logFreed());
    this.extend(outputs);
  }

  /** Takes what no step has routed. */
  get default(): OutputDestination {
    return this.#destinations.get(this.default_name)!;
  }

  get default_name(): string {
    return this.#names[0]!;
  }

  /** Undefined where no output is called so. */
  get(name: string): OutputDestination | undefined {
    return this.#names.includes(name) ? this.#destinations.get(name) : undefined;
  }

  /** As of an output, of all of them. */
  get held_bytes_max(): number {
    const outputs = this.#current().map(({ output }) => output.held_bytes_max);
    return outputs.reduce((sum, bytes) => sum + bytes, this.#retired.held_bytes_max);
  }

  /** The default one first. */
  get all(): Output[] {
    return this.#current().map(({ output }) => output);
  }

  /** Of each by its name, the default one first. */
  status(): Map<string, OutputCondition> {
    return new Map(this.#current().map(({ named, output }) => [named.name, output.status()]));
  }

  /**
   * Makes those of `next` that are new by name, and replaces those whose options are others. Removes none, and the
   * default one stays. Where one cannot be made it throws, and nothing is changed.
   */
  extend(next: readonly NamedOutput[]): void {
    this.replace(next, this.makeAll(next.filter((named) => this.#isNew(named))));
  }

  /** Puts those that were made in the places of those of the same names, which hand over what waits in them. */
  replace(next: readonly NamedOutput[], made: ReadonlyMap<string, Output>): void {
    for (const named of next) {
      const { name } = named;
      const destination = this.#destinations.get(name);
      const before = destination?.current?.output;
      const output = made.get(name) ?? before!;
      if (destination === undefined) {
        this.#destinations.set(
          name,
          new OutputDestination({ named, output }, this.#kept.corrections),
        );
        continue;
      }
      destination.turnTo({ named, output });
      if (before !== undefined && before !== output) this.#retired.add(before, destination);
    }
    this.#names = [...new Set([...this.#names, ...next.map(({ name }) => name)])];
    this.number(this.#isNumbered);
  }

  /** Says which of them give their events a place in a lane, from now on and those that come later. */
  number(wants: (named: NamedOutput) => boolean): void {
    this.#isNumbered = wants;
    for (const destination of this.#destinations.values()) {
      const { current } = destination;
      destination.is_numbering = current !== undefined && wants(current.named);
    }
  }

  /**
   * Lets go of those that are not in `next`, where each of the others is: what they have not delivered goes to the default
   * one, and what is added to their destinations, too, until they come back. The order, and so the default one, is that
   * of `next`.
   */
  restrict(next: readonly NamedOutput[]): void {
    const names = next.map(({ name }) => name);
    assert(
      names.every((name) => this.#names.includes(name)),
      "an output is made before others are let go",
    );
    this.#names = names;
    const successor = this.default;
    for (const [name, destination] of this.#destinations) {
      if (names.includes(name)) continue;
      const before = destination.current?.output;
      destination.turnTo(successor);
      if (before !== undefined) this.#retired.add(before, successor);
    }
  }

  /** Sends all that was added, and resolves when it is delivered or `stop` is aborted. Never rejects. */
  async drain(stop: AbortSignal): Promise<void> {
    const drainAll = (): Promise<void>[] => this.#current().map(({ output }) => output.drain(stop));
    await Promise.all([...drainAll(), this.#retired.drain(stop)]);
    // What was in progress in those that were retired may have come to these in the end.
    await Promise.all(drainAll());
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#kept.keep(this.#named, this.#refused);
    // Those that were retired first, so that they hand over nothing more.
    const closed = this.#retired.close();
    await Promise.all([closed, ...this.#current().map(({ output }) => output.close())]);
    await this.#maker.close();
  }

  #current(): CurrentOutput[] {
    return this.#names.map((name) => this.#destinations.get(name)!.current!);
  }

  #isNew({ name, options }: NamedOutput): boolean {
    const { current } = this.#destinations.get(name) ?? {};
    return current === undefined || !same(ownOptions(current.named.options), ownOptions(options));
  }

  /** Events that were in flight when their output was replaced, and still are, or are not acknowledged yet. */
  get held_events(): number {
    return this.#retired.held_events;
  }

  /**
   * What a reload means for events that wait for an index that is refused now: whether some would go to another one, and what has
   * them do so, once they are handed over or read.
   */
  correction(before: InputIndexes, next: InputIndexes): Correction {
    const refused = this.#refused;
    const { corrections } = this.#kept;
    return {
      frees: corrections.frees(before, next, refused),
      announce: () => this.#kept.keep(before, refused),
      use: () => {
        this.#named = next;
        corrections.reload(before, next, { refused, now_ms: this.#deps.clock.now() });
      },
      freed: () => {
        void this.#kept.keep(next);
        return corrections.takeFreed();
      },
    };
  }

  /** Goes on with what a former run has corrected; a restart corrects as a reload does. */
  async restore(state_dir: string, named: InputIndexes): Promise<void> {
    this.#named = named;
    await this.#kept.restore(state_dir, named);
  }

  get #refused(): RefusedIndexes {
    return new Set(this.all.flatMap((output) => output.refused_indexes ?? []));
  }

  /**
   * An index is refused from now on. Where a reload has corrected it before, as while Splunk was down, what waits for it is handed
   * over and goes to the other one.
   */
  #freeRefused(): void {
    const { corrections } = this.#kept;
    if (this.#closed || !corrections.refuse(this.#refused)) return;
    const current = this.#current();
    const waiting = current.filter(({ output }) => (output.refused_indexes ?? []).length > 0);
    const made = this.makeAll(waiting.map(({ named }) => named));
    this.replace(
      current.map(({ named }) => named),
      made,
    );
    this.#logFreed();
    void this.#kept.keep(this.#named);
  }

  /** Those that nobody has asked about. */
  #logFreed(): void {
    logFreed(this.#deps.log, this.#kept.corrections.takeFreed());
  }

  /** All or none of them, by name. */
  makeAll(outputs: readonly NamedOutput[]): Map<string, Output> {
    const made = new Map<string, Output>();
    try {
      for (const named of outputs) made.set(named.name, this.#maker.make(named));
    } catch (cause) {
      for (const output of made.values()) void output.close();
      throw cause;
    }
    return made;
  }
}

/** Without those of what is before it. */
function ownOptions(options: NamedOutput["options"]): object {
  const { buffer: _, ...own } = options;
  return own;
}
