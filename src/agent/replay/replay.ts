/**
 * The replay of what was taken out of quarantine, put together: through which chain the events of which input go.
 */
import { own_input } from "../../config/config.ts";
import { quarantineDirectory } from "../../output/quarantine/lines.ts";
import type { Quarantine } from "../../output/quarantine/quarantine.ts";
import { QuarantineRequests } from "../../output/quarantine/requests.ts";
import { compileCommon, passThrough } from "../setup/compile.ts";
import { Pipeline } from "../flow/pipeline.ts";
import type { ReplayOrigin } from "./replay-reader.ts";
import { ReplaySource, type ReplayWay } from "./replay-source.ts";
import type { SourceDeps } from "../sources/source-deps.ts";
import { machineName } from "../../platform/process/machine-name.ts";

export function makeReplaySource(deps: Omit<SourceDeps, "mask">): ReplaySource {
  const { setup, ledger, log } = deps;
  let ways = new Map<string, ReplayWay>();
  let made_for = setup();
  const wayOf = async (input: string): Promise<ReplayWay> => {
    const in_force = setup();
    if (made_for !== in_force) ways = new Map();
    made_for = in_force;
    const way = ways.get(input) ?? (await makeWay(input, deps));
    ways.set(input, way);
    return way;
  };
  const directory = quarantineDirectory(setup().config.state_dir);
  return new ReplaySource({ directory, ledger, log, wayOf });
}

/** What commands ask of the quarantine; what is to be replayed then is looked for. */
export function makeRequests(
  { clock, log }: Pick<SourceDeps, "clock" | "log">,
  quarantine: Pick<Quarantine, "extract">,
  replay: ReplaySource,
): QuarantineRequests {
  return new QuarantineRequests({
    clock,
    log,
    extract: async (what) => {
      const done = await quarantine.extract(what);
      replay.wake();
      return done;
    },
  });
}

/** The chain of the input; the common one where the input is gone; none for what tallyman itself has to say. */
async function makeWay(input: string, deps: Omit<SourceDeps, "mask">): Promise<ReplayWay> {
  const { clock, log, downstream } = deps;
  const { inputs, config, plugins, chains } = deps.setup();
  const compiled = inputs.find(({ name }) => name === input);
  if (compiled !== undefined) {
    return { intake: new Pipeline(compiled.chain, downstream), origin: compiled.origin };
  }
  const chain =
    input === own_input ? passThrough(clock, log) : await compileCommon(config, log, plugins);
  chains.add(chain);
  const origin: ReplayOrigin = { metadata: { host: machineName() } };
  return { intake: new Pipeline(chain, downstream), origin };
}
