/**
 * Arrivals: files that were not known before. Each is distinguished from a copy in the making of a file that is
 * known, and then read from its beginning.
 *
 * While `copytruncate` copies, the copy looks like a new file with the same bytes; reading it would send them
 * twice. So a file that begins like a known one, and has a name made from its name, is held until that one is
 * truncated (then it is taken over, see Departures) or until nothing has happened for a while.
 */
import { markOf } from "../files/framing-marks.ts";
import type { FileFramer } from "../../framing/decoding/decoding-framer.ts";
import { CompressedArrivals } from "./compressed-arrivals.ts";
import {
  contrast,
  isCopyOfUnread,
  relate,
  type Contrast,
  type Other,
  type Relation,
} from "./copies.ts";
import type { Verdict } from "../discovery/admission.ts";
import { joinPath } from "../discovery/directories.ts";
import { empty_message, unfitMessage } from "../discovery/refusal.ts";
import type { Found } from "../discovery/walk.ts";
import { closeFile, errorCode, isGone, readFully, type Look } from "../discovery/file-access.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import type { FileInputContext } from "../files/context.ts";
import { overlap_bytes_max } from "../files/block-pool.ts";
import { fingerprintOf } from "../files/identity.ts";
import { openChecked } from "../files/open-files.ts";
import { closeContent } from "../unpacking/readable.ts";
import { magic_bytes } from "../unpacking/kinds.ts";
import { meet, type Met } from "./met.ts";
import { copiedFrom, isPackedName } from "./rotation.ts";

export interface Arrival extends Found {
  /** Found by a glob, or as the rotated form of a file that was. */
  readonly by: "glob" | "rotation";
  /** The name that rotation starts from. */
  readonly base: string;
  /** Where to begin. */
  readonly start_at: "beginning" | "end";
}

interface Held {
  arrival: Arrival;
  size: number;
  since_ms: number;
}

/** A known file that another may be a copy of. */
interface Suspect {
  readonly file: FollowedFile;
  readonly relation: Relation;
  readonly original: Contrast;
}

/** An open file that was looked at. */
interface Opened extends Met {
  readonly descriptor: number;
  readonly size: number;
}

const scan_bytes = 64 * 1024;
/** So many are met before others have their turn. */
const met_at_once = 1024;
/** Looks in a row at which a file that was seen is not there when it is opened. */
const misses_max = 4;

export class Arrivals {
  readonly #context: FileInputContext;
  readonly #held = new Map<string, Held>();
  readonly #compressed: CompressedArrivals;
  /** What was said of files that cannot be opened, by path; and how often in a row a file was not at its path. */
  readonly #said = new Map<string, string>();
  readonly #missed = new Map<string, number>();

  constructor(context: FileInputContext) {
    this.#context = context;
    this.#compressed = new CompressedArrivals(context);
  }

  /** Whether a file is held: neither followed nor passed over. */
  holds(key: string): boolean {
    return this.#held.has(key) || this.#compressed.holds(key);
  }

  /** Meets all that arrived, and takes each out of the list. Now and then it waits for `pause`. */
  async meet(arrivals: Arrival[], pause: () => Promise<void>): Promise<void> {
    const { roster } = this.#context;
    this.#forgetOthers(arrivals);
    // Of the same time are a file and what it is being compressed to: then the file comes first.
    arrivals.sort(
      (a, b) =>
        a.look.mtime_ms - b.look.mtime_ms ||
        Number(isPackedName(a.name)) - Number(isPackedName(b.name)),
    );
    arrivals.reverse();
    for (let arrival = arrivals.pop(); arrival !== undefined; arrival = arrivals.pop()) {
      if (this.#context.stop.aborted) return;
      if (arrivals.length % met_at_once === 0) await pause();
      if (roster.withKey(arrival.look.key) !== undefined) continue;
      try {
        await this.#meetOne(arrival);
        this.#said.delete(placeOf(arrival));
      } catch (error) {
        this.#cannotRead(arrival, error);
      }
    }
  }

  /** Forgets what it knows of those that are not there any more. */
  #forgetOthers(arrivals: readonly Arrival[]): void {
    if (this.#held.size > 0 || this.#compressed.count > 0) {
      const keys = new Set(arrivals.map(({ look }) => look.key));
      for (const key of this.#held.keys()) if (!keys.has(key)) this.#held.delete(key);
      this.#compressed.keep(keys);
    }
    if (this.#missed.size === 0 && this.#said.size === 0) return;
    const places = new Set(arrivals.map((arrival) => placeOf(arrival)));
    for (const path of this.#missed.keys()) if (!places.has(path)) this.#missed.delete(path);
    for (const subject of this.#said.keys()) {
      if (subject.startsWith("/") && !places.has(subject)) this.#said.delete(subject);
    }
  }

  async #meetOne(arrival: Arrival): Promise<void> {
    const path = placeOf(arrival);
    if (isPackedName(arrival.name) && arrival.look.size < magic_bytes) {
      return this.#refuse(arrival, { ...empty, key: arrival.look.key }, false);
    }
    const opened = await openChecked(path, (look) => look.key === arrival.look.key);
    if (opened === undefined) return this.#miss(path);
    this.#missed.delete(path);
    const { descriptor, look } = opened;
    let kept = false;
    try {
      if (await this.#isRefused(arrival, look, descriptor)) return;
      const found = { ...arrival, look };
      const met = await meet(descriptor, look.size);
      try {
        if (met.unfit !== undefined)
          return this.#refuse(found, unfitVerdict(met.unfit, look), true);
        if (!(await this.#isIndependent(found, { ...met, descriptor, size: look.size }))) return;
        this.#held.delete(look.key);
        await this.#follow(found, { ...met, descriptor, size: look.size });
      } finally {
        closeContent(met.content);
      }
      kept = true;
    } finally {
      if (!kept) await closeFile(descriptor);
    }
  }

  async #follow(arrival: Arrival, opened: Opened): Promise<void> {
    const { roster, open_files, log, input, wake, framers } = this.#context;
    const { head, descriptor } = opened;
    const framer = framers.in(framers.beginning(head, true)?.encoding);
    const is_late = arrival.start_at === "end";
    const is_passed_over = is_late && opened.packed !== undefined;
    const packed = opened.packed && { ...opened.packed, ...(is_passed_over && { is_passed_over }) };
    const offset = is_late && packed === undefined ? await lastRecordStart(opened, framer) : 0;
    const tail = Buffer.alloc(Math.min(offset, overlap_bytes_max));
    await readFully(descriptor, tail, tail.length, offset - tail.length);
    const mark = markOf(framer, undefined);
    const checkpoint = { offset, tail: fingerprintOf(tail), ...(mark && { framing: mark }) };
    const file = roster.create(arrival, arrival.base, { head, checkpoint, packed });
    if (arrival.by === "rotation") file.state = "leaving";
    if (is_passed_over) file.state = "finished";
    open_files.adopt(file, descriptor);
    const { path, look } = arrival;
    log.info(
      "file_followed",
      { input, path, size: look.size, offset, found_by: arrival.by },
      "Following a file.",
    );
    wake(file);
  }

  /** Whether the file may be read as one of its own; if not it is held. */
  async #isIndependent(arrival: Arrival, opened: Opened): Promise<boolean> {
    if (opened.packed !== undefined) return this.#compressed.isIndependent(arrival, opened);
    const suspect = await this.#suspect(arrival, opened);
    if (suspect === undefined) return true;
    const { clock, options } = this.#context;
    const { key, size } = arrival.look;
    const { file, relation, original } = suspect;
    const truncated = original === "changed" && file.readable;
    // The next read of it sees that it was truncated, too.
    if (truncated) this.#context.wake(file);
    const now_ms = clock.monotonic();
    const held = this.#held.get(key);
    if (held === undefined || held.size !== size) {
      const { start_at } = held?.arrival ?? arrival;
      this.#held.set(key, { arrival: { ...arrival, start_at }, size, since_ms: now_ms });
      return false;
    }
    // What no glob asks for, and holds nothing but what was read, is never read on its own.
    const is_read = relation === "continues" || relation === "consumed";
    if (arrival.by === "rotation" && is_read) return false;
    if (now_ms - held.since_ms < options.rotate_wait) return false;
    // It was truncated unseen: the next survey looks for its copy.
    if (truncated && !file.busy) file.state = "truncated";
    if (file.readable) this.#context.wake(file);
    return !truncated;
  }

  /** The known file that this one may be a copy of. */
  async #suspect(arrival: Arrival, opened: Other): Promise<Suspect | undefined> {
    const { roster, open_files } = this.#context;
    let unsure: Suspect | undefined;
    for (const base of copiedFrom(arrival.name)) {
      for (const file of roster.fromBase(arrival.directory, base)) {
        if (file.state === "retired") continue;
        const relation = await relate(file, opened);
        const isSame = (look: Look): boolean => open_files.isSame(file, look);
        if (relation === "unlike" || (relation === "unknown" && file.identity.size === 0)) {
          const is_copy = await isCopyOfUnread(file, opened, isSame);
          const original = relation === "unlike" ? "changed" : "alike";
          if (is_copy) unsure = { file, relation, original };
          continue;
        }
        const original = await contrast(file, opened, isSame);
        if (original === "different") continue;
        if (relation !== "unknown") return { file, relation, original };
        unsure = { file, relation, original };
      }
    }
    return unsure;
  }

  async #isRefused(arrival: Arrival, look: Look, descriptor: number): Promise<boolean> {
    const { admission } = this.#context;
    const verdict = await admission.refusalOfOpened(arrival, look, descriptor);
    if (verdict === undefined) return false;
    this.#refuse(arrival, verdict, true);
    return true;
  }

  #refuse(arrival: Arrival, verdict: Verdict, is_asked_for: boolean): void {
    const { not_followed } = this.#context;
    not_followed.refuse({ path: shownPath(arrival), ...verdict, is_asked_for });
  }

  /** A file is renamed while it is opened now and then; but one that never is at its path would never be read. */
  #miss(path: string): void {
    const missed = (this.#missed.get(path) ?? 0) + 1;
    this.#missed.set(path, missed);
    if (missed >= misses_max) throw new Error("its path leads elsewhere whenever it is opened");
  }

  #cannotRead(arrival: Arrival, error: unknown): void {
    if (isGone(error)) return;
    const code = errorCode(error);
    const path = shownPath(arrival);
    const { log, input, not_followed } = this.#context;
    not_followed.cannotRead(path, code);
    // Where the process has no descriptors left, one line says it for all files.
    const subject = code === "EMFILE" || code === "ENFILE" ? code : placeOf(arrival);
    if (this.#said.get(subject) === code) return;
    this.#said.set(subject, code);
    log.warn("file_unreadable", { input, path, error: code }, "File cannot be read. Trying again.");
  }
}

/** Of a compressed file that holds nothing yet, not even what says how it is compressed. */
const empty: Verdict = { reason: "empty", message: empty_message, real: undefined, key: undefined };

function unfitVerdict(unfit: string, { key }: Look): Verdict {
  return { reason: "compressed", message: unfitMessage(unfit), real: undefined, key };
}

function placeOf({ directory, name }: Arrival): string {
  return joinPath(directory, name);
}

/** As the user knows it. */
function shownPath(arrival: Arrival): string {
  return arrival.by === "glob" ? arrival.path : placeOf(arrival);
}

/** Where the last record begins that has no end yet; the file's size where there is none. */
async function lastRecordStart({ descriptor, size }: Opened, framer: FileFramer): Promise<number> {
  const bytes = Buffer.alloc(scan_bytes);
  for (let end = size - (size % (framer.unit_bytes ?? 1)); end > 0;) {
    const start = Math.max(0, end - scan_bytes);
    const count = await readFully(descriptor, bytes, end - start, start);
    const record_end = framer.lastEnd(bytes.subarray(0, count));
    if (record_end > 0) return start + record_end;
    end = start;
  }
  return 0;
}
