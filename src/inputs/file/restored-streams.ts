/**
 * The streams that an input takes over from an earlier run, or from another input in whose place it is. Their files have yet to be
 * found, see survey/restore.ts.
 */
import type { AsleepStream } from "../../ledger/asleep/asleep-streams.ts";
import type { StreamLedger } from "../../ledger/stream-ledger.ts";
import { isGone, lookAt } from "./discovery/file-access.ts";
import type { FileInputContext } from "./files/context.ts";
import { idOf, usableCheckpoint } from "./files/framing-marks.ts";
import { closeHanded, stateBefore } from "./files/handed-files.ts";
import {
  fileCheckpoint,
  fileIdentity,
  otherIdentity,
  startedIdentity,
  type FileCheckpoint,
  type FileIdentity,
} from "./files/identity.ts";
import type { Sleeper } from "./files/sleepers.ts";
import { looks_max_default } from "./survey/resting.ts";

/** Others have their turn after so many streams, which take some 10 ms. */
const turn_streams = 1024;

/** What the state file knows of an input. */
export interface Restored {
  /** Whether the input was never started before. */
  readonly first_start: boolean;
}

/**
 * Has streams sleep on that may be as they were until a look has placed them, where there are more than `looks_max`. It wakes all
 * others, and says whether there are any that sleep.
 */
export async function restoreAsleep(
  { streams, roster, framer, clock, stop }: FileInputContext,
  isWanted: (path: string) => boolean,
  looks_max = looks_max_default,
): Promise<boolean> {
  const asleep = streams.asleep();
  const are_many = asleep.count > looks_max;
  let slept = false;
  for (const [at, slot] of asleep.inOrder().entries()) {
    if (at % turn_streams === turn_streams - 1) await clock.sleep(0, stop);
    if (stop.aborted) return slept;
    const known = are_many ? sleeperOf(asleep.at(slot)) : undefined;
    const framing = known?.checkpoint.framing;
    const is_same_framing = idOf(framing) === framer.id && framing?.state === undefined;
    const may_sleep = known !== undefined && is_same_framing && isWanted(known.identity.path);
    if (may_sleep) roster.sleepers.add(slot, known, "unplaced");
    else streams.wake(slot);
    slept ||= may_sleep;
  }
  return slept;
}

/** A file that was read to its end, and lies where it was found first; a look has to find that nobody has written to it. */
function sleeperOf(known: AsleepStream): Sleeper | undefined {
  const identity = fileIdentity.safeParse(known.identity).data;
  const checkpoint = fileCheckpoint.safeParse(known.checkpoint).data;
  if (identity === undefined || checkpoint === undefined) return undefined;
  const { settled_ms, packed, base, name, size, proven_size = size } = identity;
  if (settled_ms === undefined || packed !== undefined || base !== name) return undefined;
  const is_read = checkpoint.offset === size && proven_size >= size;
  return is_read ? { identity, checkpoint } : undefined;
}

/**
 * Takes over the streams of an earlier run that are awake. Those whose path is not asked for any more are left alone. `slept` is
 * what restoreAsleep gave.
 */
export async function restoreStreams(
  context: FileInputContext,
  isWanted: (path: string) => boolean,
  slept: boolean,
): Promise<Restored> {
  const { streams, input, log, handed } = context;
  const untaken = new Map(handed);
  let first_start = !slept;
  for (const stream of streams.all()) {
    const kind = kindOf(stream);
    if (kind !== "file" && otherIdentity.safeParse(stream.identity).success) continue;
    if (kind !== "file" && startedIdentity.safeParse(stream.identity).success) {
      first_start = false;
      continue;
    }
    const identity = fileIdentity.safeParse(stream.identity);
    const checkpoint = fileCheckpoint.safeParse(stream.position);
    if (!identity.success || !checkpoint.success) {
      log.error(
        "file_state_invalid",
        { input, stream: stream.id },
        "An entry of the state file is invalid and ignored. Its file may be read again from the start.",
      );
      continue;
    }
    first_start = false;
    const is_retired = stateBefore(handed, stream) === "retired";
    if (is_retired || isWanted(identity.data.path)) {
      const { path } = identity.data;
      takeOver(context, stream, identity.data, usableCheckpoint(context, checkpoint.data, path));
      untaken.delete(stream.id);
    } else await forgetUnwanted(context, stream, identity.data.path);
  }
  await closeHanded(untaken);
  if (first_start && context.options.start_at === "end") {
    streams.open({ kind: "started" }, null);
  }
  return { first_start };
}

/** What it says that it is of: an attempt to read it as something else costs more than all the rest. */
function kindOf({ identity }: StreamLedger): unknown {
  return typeof identity === "object" && identity !== null && "kind" in identity && identity.kind;
}

/** A handle that was handed over is kept. What was retired stays so: what is lost of it is booked. */
function takeOver(
  { roster, open_files, handed }: FileInputContext,
  stream: StreamLedger,
  identity: FileIdentity,
  checkpoint: FileCheckpoint,
): void {
  const file = roster.restore(stream, identity, checkpoint);
  const { state, descriptor, trail = [] } = handed.get(stream.id) ?? {};
  const passed = trail.filter(({ offset }) => offset > 0 && offset < checkpoint.offset);
  file.trail.unshift(...passed);
  if (descriptor !== undefined) open_files.adopt(file, descriptor);
  if (state === "retired") file.state = state;
}

async function forgetUnwanted(
  context: FileInputContext,
  stream: StreamLedger,
  path: string,
): Promise<void> {
  try {
    await lookAt(path);
  } catch (error) {
    // What is in progress of it is read again after a crash, where its file is somewhere else.
    if (isGone(error) && stream.idle) context.streams.forget(stream);
  }
}
