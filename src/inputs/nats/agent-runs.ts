/**
 * Notices agents of one name that run at the same time, as on a host that was copied: their batches come in turns. Of one that was
 * started again, nothing comes any more that was published after its successor began, but for what was on its way.
 */
import type { Clock } from "../../platform/clock.ts";
import type { BatchRun } from "../../platform/nats/batch-head.ts";

/** So often one has to come back. */
const returns_min = 4;
const former_max = 8;
const agents_max = 10_000;
/** For so long after it was noticed last, it is reported. */
const shared_ms_max = 600_000;

interface Run extends BatchRun {
  /** The place in the stream of what it published first since another one did. */
  first: number;
}

interface Runs {
  current: Run;
  /** Those before it, the last of them first. */
  former: readonly string[];
  returns: number;
}

export class AgentRuns {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #by_agent = new Map<string, Runs>();
  /** By agent, of those whose name two have. */
  readonly #shared = new Map<string, { readonly hosts: string[]; readonly seen_ms: number }>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Names that two agents have had of late, and on which hosts. */
  get shared(): { agent: string; hosts: string[] }[] {
    const now_ms = this.#clock.monotonic();
    for (const [agent, { seen_ms }] of this.#shared)
      if (now_ms - seen_ms > shared_ms_max) this.#shared.delete(agent);
    return [...this.#shared].map(([agent, { hosts }]) => ({ agent, hosts }));
  }

  /** Both, where two run at the same time. `sequence` is the batch's place in the stream. */
  note(agent: string, run: BatchRun, sequence: number): readonly [BatchRun, BatchRun] | undefined {
    const known = this.#by_agent.get(agent);
    const next = { ...run, first: sequence };
    if (known === undefined) {
      if (this.#by_agent.size < agents_max)
        this.#by_agent.set(agent, { current: next, former: [], returns: 0 });
      return undefined;
    }
    const { current, former } = known;
    // What comes again is where it was.
    if (current.instance === run.instance || sequence < current.first) return undefined;
    known.returns = former.includes(run.instance) ? known.returns + 1 : 0;
    known.former = [current.instance, ...former].slice(0, former_max);
    known.current = next;
    if (known.returns < returns_min) return undefined;
    this.#shared.set(agent, {
      hosts: [current.host, run.host],
      seen_ms: this.#clock.monotonic(),
    });
    return [current, run];
  }
}
