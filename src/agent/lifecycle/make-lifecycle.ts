/** The record of an agent's life, put together: what it records goes past all chains to the default output. */
import { passThrough } from "../setup/compile.ts";
import { Pipeline } from "../flow/pipeline.ts";
import type { SilenceWatch } from "../sources/silence-watch.ts";
import type { SourceDeps } from "../sources/source-deps.ts";
import { Lifecycle } from "./lifecycle.ts";

export function makeLifecycle(deps: SourceDeps, silence: SilenceWatch): Lifecycle {
  const { ledger, clock, log, downstream, outputs } = deps;
  const { config, digest } = deps.setup();
  // As that of any journal, it ends its waiting by itself.
  const { signal: stop } = new AbortController();
  const intake = new Pipeline(passThrough(clock, log), { ...downstream, stop });
  const status = (): ReturnType<typeof outputs.status> => outputs.status();
  const silences = (): ReturnType<typeof silence.take> => silence.take();
  const own = { config, digest, ledger, clock, log };
  return new Lifecycle({ ...own, intake, outputs: status, silences });
}
