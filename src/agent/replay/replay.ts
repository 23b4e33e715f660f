/**
 * The replay of what was taken out of quarantine, put together: through which chain the events of which input go.
 */
import { own_input } from "../../config/config.ts";
import { quarantineDirectory } from "../../output/quarantine/lines.ts";
import type { Quarantine } from "../../output/quarantine/quarantine.ts";
import { QuarantineRequests } from "../../output/quarantine/requests.ts";
import { compileCommon, passThrough } from "../setup/compile.ts";
import type { Setup } from "../setup/setup.ts";
import { type ReplayChain, ReplayIntake } from "./replay-intake.ts";
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
      (await ReplayIntake.open({
        setup,
        make: (made_for) => chainOf(input, made_for, deps),
        downstream: deps.downstream,
      }));
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

/** The chain of the input; the common one where the input is gone; none for what tallyman itself has to say. */
async function chainOf(
  input: string,
  { inputs, config, plugins, chains }: Setup,
  { clock, log }: Pick<SourceDeps, "clock" | "log">,
): Promise<ReplayChain> {
  const compiled = inputs.find(({ name }) => name === input);
  if (compiled !== undefined) return { chain: compiled.chain, stands_in: false };
  const is_own = input === own_input;
  const chain = is_own ? passThrough(clock, log) : await compileCommon(config, log, plugins);
  chains.add(chain);
  return { chain, stands_in: !is_own };
}

function originOf(input: string, { inputs }: Setup): ReplayOrigin {
  const compiled = inputs.find(({ name }) => name === input);
  return compiled?.origin ?? { metadata: { host: machineName() } };
}
