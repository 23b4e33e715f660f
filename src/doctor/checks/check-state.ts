/**
 * The state directory: that it can be written, what is in it, the room on its disk, and whether a tallyman runs on it.
 */
import { isJournaled } from "../../config/inputs.ts";
import { constants } from "node:fs";
import { access, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config/config.ts";
import { outputsOf } from "../../config/outputs.ts";
import { stateDirectoryOf } from "../../config/state-directory.ts";
import { keptBytes } from "../../journal/segments/free-space.ts";
import { systemFiles } from "../../journal/segments/files.ts";
import { StateFile } from "../../ledger/state-file.ts";
import { StateLock } from "../../ledger/state-lock.ts";
import { messageOf } from "../../platform/errors.ts";
import { distrustOfTree } from "../../platform/files/trust.ts";
import { serviceUnitOf } from "../../platform/process/service-unit.ts";
import { approximateSize } from "../../platform/text/units.ts";
import type { CompiledInput } from "../../agent/setup/compile.ts";
import { bufferedOutputs } from "../../agent/sources/output-buffer.ts";
import { Findings, type Finding } from "../findings/finding.ts";
import { nearestAbove, ownershipOf, thisUser } from "./permissions.ts";

/** The process id of the tallyman that runs on the directory, as StateLock.holder gives it. */
export async function runningOn(state_dir: string): Promise<string | undefined> {
  try {
    // A directory that hangs must do so here, where that can be given up on; what follows waits for the system.
    await stat(state_dir);
    return await StateLock.holder(state_dir);
  } catch {
    // What cannot be opened is a finding of the check itself.
    return undefined;
  }
}

export interface StateCheckContext {
  readonly config: Config;
  /** Empty where the chains cannot be compiled. */
  readonly compiled: readonly CompiledInput[];
  /** As runningOn gives it. */
  readonly running: string | undefined;
}

export async function checkState(context: StateCheckContext): Promise<Finding[]> {
  const { running } = context;
  const { state_dir } = context.config;
  const findings = new Findings("state");
  const exists = await stat(state_dir).catch((thrown: NodeJS.ErrnoException) => thrown.code);
  if (typeof exists !== "object") return [await whetherItCanBeMade(context.config, findings)];
  if (!exists.isDirectory()) {
    return [findings.fault("state_dir_unusable", `${state_dir} is not a directory`)];
  }
  const unwritable = await errorOfWriting(state_dir);
  if (unwritable !== undefined) return [await whyUnwritable(state_dir, unwritable, findings)];
  const faults = [
    ...(await checkEntries(state_dir, findings)),
    ...(await checkRoom(context, findings)),
  ];
  // Root may look at it for another user, as whom tallyman runs.
  const user = process.geteuid!() === 0 ? exists.uid : undefined;
  const distrust = await distrustOfTree(state_dir, user);
  if (distrust !== undefined) faults.push(findings.fault("state_dir_open", distrust));
  const who = running === "" ? "a tallyman" : `a tallyman (process ${running})`;
  const runs = running === undefined ? "no tallyman is using it now" : `${who} is using it`;
  return [...faults, findings.ok(`${state_dir} can be written; ${runs}`)];
}

async function whetherItCanBeMade(
  { state_dir, file }: Config,
  findings: Findings,
): Promise<Finding> {
  const unit = serviceUnitOf(file, process.env);
  if (unit !== undefined && stateDirectoryOf(unit) === state_dir)
    return findings.ok(
      `${state_dir} does not exist yet; systemd makes it when ${unit.name} starts`,
    );
  const { directory, writable } = await nearestAbove(state_dir);
  if (writable) return findings.ok(`${state_dir} does not exist yet, and can be created`);
  const may_not = `user ${thisUser()} cannot create it in ${directory}`;
  const message = `${state_dir} does not exist, and ${may_not} (${await ownershipOf(directory)})`;
  return findings.fault("state_dir_unusable", message);
}

/** Writes a file and takes it away again: only that finds disks that are full, or have become read-only. */
async function errorOfWriting(state_dir: string): Promise<NodeJS.ErrnoException | undefined> {
  const file = join(state_dir, `.doctor-${process.pid}`);
  try {
    await writeFile(file, "tallyman doctor\n", { mode: 0o600, flag: "wx", flush: true });
    return undefined;
  } catch (thrown) {
    return thrown as NodeJS.ErrnoException;
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
}

async function whyUnwritable(
  state_dir: string,
  error: NodeJS.ErrnoException,
  findings: Findings,
): Promise<Finding> {
  if (error.code === "ENOSPC" || error.code === "EDQUOT") {
    return findings.fault("disk_full", `${state_dir}: no space left: ${messageOf(error)}`);
  }
  const who = `user ${thisUser()}, ${await ownershipOf(state_dir)}`;
  const message = `${state_dir} cannot be written: ${error.code} (${who})`;
  return findings.fault("state_dir_unwritable", message);
}

/** A run as another user, root most often, leaves files that the daemon can no longer use. */
async function checkEntries(state_dir: string, findings: Findings): Promise<Finding[]> {
  const file = new StateFile(state_dir);
  const foreign: string[] = [];
  for (const entry of await readdir(state_dir, { withFileTypes: true })) {
    if (!entry.isFile() && !entry.isDirectory()) continue;
    const rights = constants.R_OK | constants.W_OK | (entry.isDirectory() ? constants.X_OK : 0);
    const path = join(state_dir, entry.name);
    await access(path, rights).catch(() => foreign.push(path));
  }
  if (foreign.length > 0) {
    const [first] = foreign;
    const message = `user ${thisUser()} cannot read and write ${first} (${await ownershipOf(first!)})`;
    const remedy = `Give all of it to tallyman's user: \`chown -R ${thisUser()}: ${state_dir}\`.`;
    return [findings.fault("state_of_another_user", message, remedy)];
  }
  try {
    await file.read();
    return [];
  } catch (thrown) {
    return [findings.fault("state_unreadable", messageOf(thrown))];
  }
}

async function checkRoom(
  { config, compiled }: StateCheckContext,
  findings: Findings,
): Promise<Finding[]> {
  const { state_dir } = config;
  const space = await systemFiles.space(state_dir);
  const spare_bytes = space.free_bytes - keptBytes(space.total_bytes);
  const left = `${approximateSize(space.free_bytes)} left on the disk of ${state_dir}`;
  if (spare_bytes <= 0) return [findings.fault("disk_full", left)];
  const growth_bytes = mostBytesOf(config, compiled) - (await bytesIn(state_dir));
  if (growth_bytes <= spare_bytes) return [];
  const message = `${left}, but journals and quarantine may grow by ${approximateSize(growth_bytes)}`;
  return [findings.fault("disk_too_small", message)];
}

/** What journals, the buffers before outputs and the quarantine may have in the state directory. */
function mostBytesOf(config: Config, compiled: readonly CompiledInput[]): number {
  const journals = Object.values(config.inputs).flatMap((input) =>
    isJournaled(input) ? [input.journal.max_bytes] : [],
  );
  const outputs = outputsOf(config);
  const buffers = compiled
    .flatMap((input) => bufferedOutputs(input, outputs))
    .map(({ options }) => options.buffer.max_bytes);
  const all = [...journals, ...buffers, config.quarantine.max_bytes];
  return all.reduce((sum, bytes) => sum + bytes, 0);
}

async function bytesIn(directory: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(directory, { recursive: true })) {
    // What is gone again meanwhile has no size.
    const stats = await stat(join(directory, entry)).catch(() => undefined);
    if (stats?.isFile() === true) sum += stats.size;
  }
  return sum;
}
