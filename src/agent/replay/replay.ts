/**
 * The replay of what was taken out of quarantine, put together: through which chain the events of which input go.
 */
import { own_input } from "../../config/config.ts";
import { quarantineDirectory } from "../../output/quarantine/lines.ts";
import type { Intake } from "../../inputs/input.ts";
import type { Quarantine } from "../../output/quarantine/quarantine.ts";
import { QuarantineRequests } from "../../output/quarantine/requests.ts";
import { compileCommon, passThrough } from "../setup/compile.ts";
import type { Setup } from "../setup/setup.ts";
import { Pipeline } from "../flow/pipeline.ts";
import { ReplayIntake } from "./replay-intake.ts";
import type { ReplayOrigin } from "./replay-reader.ts";
import { ReplaySource, type ReplayWay } from "./replay-source.ts";
import type { SourceDeps } from "../sources/source-deps.ts";
import { machineName } from "../../platform/process/machine-name.ts";

export function makeReplaySource(deps: Omit<SourceDeps, "mask">): ReplaySource {
  const { setup, ledger, log } = deps;
  const ways = new Map<string, ReplayIntake>();
  const wayOf = async (input: string): Promise<ReplayWay> => {
    const intake =
      ways.get(input) ??
      (await ReplayIntake.open(setup, (made_for) => makeWay(input, made_for, deps)));
    ways.set(input, intake);
    return { intake, origin: originOf(input, setup()) };
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

/** Through the chain of the input; the common one where the input is gone; none for what tallyman itself has to say. */
async function makeWay(
  input: string,
  { inputs, config, plugins, chains }: Setup,
  { clock, log, downstream }: Omit<SourceDeps, "mask">,
): Promise<Intake> {
  const compiled = inputs.find(({ name }) => name === input);
  if (compiled !== undefined) return new Pipeline(compiled.chain, downstream);
  const chain =
    input === own_input ? passThrough(clock, log) : await compileCommon(config, log, plugins);
  chains.add(chain);
  return new Pipeline(chain, downstream);
}

function originOf(input: string, { inputs }: Setup): ReplayOrigin {
  const compiled = inputs.find(({ name }) => name === input);
  return compiled?.origin ?? { metadata: { host: machineName() } };
}
