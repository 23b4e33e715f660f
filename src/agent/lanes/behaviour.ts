/** Whether events are numbered, and what decides what becomes of a record: other numbers begin where that has changed. */
import { createHash } from "node:crypto";
import type { Config } from "../../config/config.ts";
import { takesPlaces, type NamedOutput } from "../../config/outputs.ts";
import type { Beginning } from "../../ledger/lanes/epoch.ts";
import { systemClock } from "../../platform/clock.ts";
import { bootedAt } from "../../platform/process/boot.ts";
import { machineName } from "../../platform/process/machine-name.ts";
import { version } from "../../platform/version.ts";
import type { Setup } from "../setup/setup.ts";

/** Whether the events of an output get a place in a lane. */
export function isNumbered({ proof }: Pick<Config, "proof">, output: NamedOutput): boolean {
  return proof.enabled || takesPlaces(output);
}

/** Undefined where no events are numbered. `outputs` are those of the setup. */
export function behaviourOf(
  { config, inputs, digest }: Setup,
  outputs: readonly NamedOutput[],
): Beginning | undefined {
  if (!outputs.some((output) => isNumbered(config, output))) return undefined;
  return {
    agent: machineName(),
    digest: digestOf({ config, inputs, digest }),
    is_repeatable: inputs.every(({ is_repeatable }) => is_repeatable),
    booted_ms: bootedAt(),
    least_epoch: Math.floor(systemClock.now() / 1000),
  };
}

/** Of files and plugins, and of what they do not have in them: values put in for a `${…}`, packs, and tallyman itself. */
function digestOf({ config, inputs, digest }: Pick<Setup, "config" | "inputs" | "digest">): string {
  const redacted = inputs.map(({ name, chain }) => [name, chain.redacted_by]);
  const put_in = [config.inputs, config.chain, config.plugins_dir];
  const text = JSON.stringify([version, digest, redacted, put_in]);
  return createHash("sha256").update(text).digest("hex");
}
