/**
 * The start of an agent of a fleet whose taken configuration cannot be used here: it reads nothing then, and waits for another,
 * instead of ending where nobody can reach it, or of going by settings that were never meant for its events.
 */
import type { Config } from "../../config/config.ts";
import { readKept } from "../../config/fleet/kept.ts";
import { loadConfig } from "../../config/load.ts";
import { describeComplaint, TallymanError } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";

/** A configuration to start with, and why what was taken from the fleet is not in it. */
export interface ToStart {
  readonly config: Config;
  readonly trouble: TallymanError | undefined;
}

/** Throws as loadConfig does, for what is wrong in the agent's own file. */
export async function loadToStart(file: string): Promise<ToStart> {
  try {
    return { config: await loadConfig(file), trouble: undefined };
  } catch (thrown) {
    return { config: await withoutTaken(file, thrown), trouble: thrown as TallymanError };
  }
}

/** Starts with the configuration, or without what was taken. Throws as `start` does, where nothing was taken. */
export async function startOrHold<Started>(
  { config, trouble }: ToStart,
  start: (config: Config) => Promise<Started>,
  log: Logger,
): Promise<Started & { is_held: boolean }> {
  if (trouble !== undefined) {
    logHolding(log, trouble);
    return { ...(await start(config)), is_held: true };
  }
  try {
    return { ...(await start(config)), is_held: false };
  } catch (thrown) {
    if (config.taken === undefined) throw thrown;
    const held = await withoutTaken(config.file, thrown);
    logHolding(log, thrown as TallymanError);
    return { ...(await start(held)), is_held: true };
  }
}

async function withoutTaken(file: string, thrown: unknown): Promise<Config> {
  if (!(thrown instanceof TallymanError) || thrown.code === "config_unreadable") throw thrown;
  const held = await loadConfig(file, process.env, "held").catch(() => undefined);
  if (held?.fleet === undefined) throw thrown;
  // Where nothing was taken, it is the agent's own file that is wrong.
  const kept = await readKept(held.state_dir).catch(() => undefined);
  if (kept !== undefined && kept.note === undefined) throw thrown;
  return held;
}

function logHolding(log: Logger, { code, message, details }: TallymanError): void {
  const complaints = (details.complaints ?? []).map(describeComplaint);
  log.error(
    "fleet_holding",
    { error_code: code, error: message, complaints },
    "The configuration taken from the fleet cannot be used. Nothing is read until another one is taken.",
  );
}
