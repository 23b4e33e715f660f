/** The record of an agent's life, put together: what it records goes past all chains to the default output. */
import { passThrough } from "../setup/compile.ts";
import { Pipeline } from "../flow/pipeline.ts";
import type { Sources } from "../sources/sources.ts";
import { lagOf } from "../status/history.ts";
import type { SourceDeps } from "../sources/source-deps.ts";
import type { Vitals } from "./heartbeat.ts";
import { Lifecycle } from "./lifecycle.ts";

export function makeLifecycle(deps: SourceDeps, sources: Sources): Lifecycle {
  const { ledger, clock, log, downstream, outputs } = deps;
  const { config, digest } = deps.setup();
  // As that of any journal, it ends its waiting by itself.
  const { signal: stop } = new AbortController();
  const intake = new Pipeline(passThrough(clock, log), { ...downstream, stop });
  const status = (): ReturnType<typeof outputs.status> => outputs.status();
  const { silence } = sources;
  const silences = (): ReturnType<typeof silence.take> => silence.take();
  const vitals = (): Vitals => {
    const by_input = sources.status();
    const silent = [...by_input.values()].filter((each) => each.silence?.is_silent === true);
    return {
      books: ledger.books(),
      outputs: outputs.status(),
      silent_inputs: silent.length,
      ...lagOf(by_input, clock.now()),
    };
  };
  const own = { config, digest, ledger, clock, log };
  return new Lifecycle({ ...own, intake, outputs: status, silences, vitals });
}
