/**
 * What a file knows beside its stream while it sleeps, as JSON; and which files may sleep: those of which that is all.
 */
import type { Encoding } from "../../framing/decoding/encodings.ts";
import type { FollowedFile } from "./followed-file.ts";
import type { FileCheckpoint } from "./identity.ts";

interface SleepNote {
  readonly trail: readonly FileCheckpoint[];
  readonly encoding?: Encoding | undefined;
  readonly reported_encoding?: Encoding | undefined;
  readonly former_framer?: FollowedFile["former_framer"];
  readonly looked_size?: number | undefined;
  /** Those of `numbers`, in that order. */
  readonly numbers: readonly number[];
}

/** What was counted, and when it was looked at and read. */
const numbers = [
  "end_bytes",
  "read_at_ms",
  "looked_at_ms",
  "read_from",
  "compared_at_ms",
  "read_end_ms",
  "grown_at_ms",
  "nul_bytes",
  "members",
] as const;

/** Undefined where more is known of the file than that. */
export function noteOf(file: FollowedFile): SleepNote | undefined {
  if (!mayBeNoted(file)) return undefined;
  const { trail, checkpoint, encoding, reported_encoding, former_framer, looked_size } = file;
  return {
    // The last one is the checkpoint.
    trail: trail.filter((passed) => passed !== checkpoint),
    encoding,
    reported_encoding,
    former_framer,
    looked_size,
    numbers: numbers.map((name) => file[name]),
  };
}

/** Has a file that is woken know again what it knew; one that was restored knows what follows from how it was found. */
export function takeNote(file: FollowedFile, note: unknown, state: "placed" | "unplaced"): void {
  const known = note as SleepNote | null;
  if (known !== null) {
    const passed = known.trail.filter(({ offset }) => offset > 0 && offset < file.offset);
    file.trail = [...passed, ...file.trail];
  }
  if (state === "unplaced") return;
  file.at_end = true;
  file.end_bytes = file.identity.size;
  if (known === null) return;
  file.encoding = known.encoding;
  file.reported_encoding = known.reported_encoding;
  file.set("former_framer", known.former_framer);
  file.looked_size = known.looked_size;
  for (const [at, name] of numbers.entries()) {
    if (file[name] !== known.numbers[at]) file[name] = known.numbers[at]!;
  }
}

function mayBeNoted(file: FollowedFile): boolean {
  const { stream, checkpoint, path, identity } = file;
  if (stream.checkpoint !== checkpoint || path !== file.origin_place) return false;
  if (identity.name !== identity.base || identity.packed !== undefined) return false;
  if (file.descriptor !== undefined || file.predecessor !== undefined || file.successors > 0)
    return false;
  const is_clear = [file.long, file.followed, file.misfit, file.trouble, file.cut_at].every(
    (each) => each === undefined,
  );
  return is_clear && !isMarked(file);
}

function isMarked(file: FollowedFile): boolean {
  const { is_mixed, is_mixture_reported, is_touched, is_touch_reported } = file;
  if (is_mixed || is_mixture_reported || is_touched || is_touch_reported) return true;
  if (file.finishing || file.was_rewritten || file.busy || file.dirty) return true;
  return file.hole_bytes > 0 || file.unfinished_bytes > 0 || file.missed > 0;
}
