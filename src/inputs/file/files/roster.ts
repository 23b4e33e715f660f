/**
 * The roster: all files that are followed, by identity, by place, and by the name that rotation starts from. Of very many, those
 * at rest sleep: who asks for one of them wakes it.
 */
import { basename, dirname } from "node:path";
import type { Origin, OriginOptions } from "../../../event/block.ts";
import type { StreamLedger } from "../../../ledger/stream-ledger.ts";
import type { Clock } from "../../../platform/clock.ts";
import { joinPath } from "../discovery/directories.ts";
import type { Found } from "../discovery/walk.ts";
import type { Look } from "../discovery/file-access.ts";
import { FollowedFile } from "./followed-file.ts";
import { originAt } from "../known/origin-at.ts";
import type { FileState } from "../known/file-state.ts";
import { fileCheckpoint, fileIdentity, headsOf } from "./identity.ts";
import type { FileCheckpoint, FileIdentity } from "./identity.ts";
import type { OwnStreams } from "./own-streams.ts";
import { Sleepers, type AsleepIdentity } from "./sleepers.ts";
import { noteOf, takeNote } from "./sleep-note.ts";
import type { Packed } from "../unpacking/packed.ts";

interface Added {
  readonly stream: StreamLedger;
  readonly identity: FileIdentity;
  readonly checkpoint: FileCheckpoint;
  readonly state: FileState;
}

export class Roster {
  readonly #input: string;
  readonly #streams: OwnStreams;
  readonly #clock: Clock;
  #origin: OriginOptions;
  readonly #files = new Set<FollowedFile>();
  readonly #by_key = new Map<string, FollowedFile>();
  readonly #by_place = new Map<string, FollowedFile>();
  /** By the place that rotation starts from: one file, or where several were found there, all of them. */
  readonly #by_base = new Map<string, FollowedFile | Set<FollowedFile>>();
  /** By directory, how often a place that rotation starts from became known there, or was forgotten. */
  readonly #versions = new Map<string, number>();
  readonly sleepers: Sleepers;
  /** The survey in progress: what is woken meanwhile was passed over in it. */
  survey_number = 0;
  /** Called with each file that was woken. */
  onWake: (file: FollowedFile) => void = () => undefined;
  readonly #originOf = (path: string): Origin => originAt(this.#input, this.#origin, path);

  constructor(input: string, streams: OwnStreams, clock: Clock, origin: OriginOptions) {
    this.#input = input;
    this.#streams = streams;
    this.#clock = clock;
    this.#origin = origin;
    this.sleepers = new Sleepers(streams);
  }

  /** Those that are awake. */
  [Symbol.iterator](): IterableIterator<FollowedFile> {
    return this.#files.values();
  }

  get size(): number {
    return this.#files.size + this.sleepers.count;
  }

  /** Has the events of all files carry this from now on. */
  describe(origin: OriginOptions): void {
    this.#origin = origin;
    for (const file of this.#files) file.describe();
  }

  /** The file with this device and inode. */
  withKey(key: string): FollowedFile | undefined {
    return this.#by_key.get(key) ?? this.#woken(this.sleepers.withKey(key));
  }

  /** The file that was last seen at this place. */
  at(directory: string, name: string): FollowedFile | undefined {
    return this.awakeAt(directory, name) ?? this.#woken(this.sleepers.find(directory, name));
  }

  /** The same, where it is awake. */
  awakeAt(directory: string, name: string): FollowedFile | undefined {
    return this.#by_place.get(joinPath(directory, name));
  }

  /** Has the next survey look at the files that were last seen in a directory. */
  rouse(directory: string): void {
    for (const file of this.#files) if (file.identity.directory === directory) file.rests = false;
    const there = this.sleepers.in(directory);
    if (there !== undefined) there.is_due = true;
  }

  /** The files that were first found at this place, whatever they are called now, in the order in which they were. */
  fromBase(directory: string, base: string): FollowedFile[] {
    this.#woken(this.sleepers.find(directory, base));
    return this.awakeFrom(joinPath(directory, base));
  }

  /** Those of them that are awake, by their `origin_place`. */
  awakeFrom(place: string): FollowedFile[] {
    const found = this.#by_base.get(place) ?? [];
    if (found instanceof FollowedFile) return [found];
    return [...found].sort((one, other) => one.stream.number - other.stream.number);
  }

  /** The one of them that sleeps. */
  asleepFrom(place: string): AsleepIdentity | undefined {
    const slot = this.sleepers.find(dirname(place), basename(place));
    return slot === undefined ? undefined : this.sleepers.identityAt(slot);
  }

  /** From how many places there are files. */
  get place_count(): number {
    return this.#by_base.size + this.sleepers.count;
  }

  /** Another number as soon as other places that rotation starts from are known in a directory. */
  basesVersion(directory: string): number {
    return this.#versions.get(directory) ?? 0;
  }

  /** The places that rotation starts from, in this directory. */
  hasBase(directory: string, base: string): boolean {
    const place = joinPath(directory, base);
    return this.#by_base.has(place) || this.sleepers.find(directory, base) !== undefined;
  }

  /** Begins to follow a file that was never read. */
  create(
    found: Found,
    base: string,
    start: { head: Buffer; checkpoint: FileCheckpoint; packed?: Packed | undefined },
  ) {
    const { path, directory, name, look } = found;
    const { packed } = start;
    // Of a compressed file it is not known yet how much it holds.
    const size = packed === undefined ? look.size : start.checkpoint.offset;
    const identity: FileIdentity = {
      kind: "file",
      path,
      directory,
      base,
      name,
      key: look.key,
      birth: look.birth,
      heads: headsOf(start.head),
      size,
      mtime_ms: look.mtime_ms,
      proven_size: size,
      samples: [],
      ...(packed && { packed }),
    };
    const { checkpoint } = start;
    const stream = this.#streams.open(identity, checkpoint);
    const predecessor = this.fromBase(directory, base).at(-1);
    // One that is compressed is written once: it is read to its end, and is finished then.
    const state = packed === undefined ? "live" : "leaving";
    const file = this.#add({ stream, identity, checkpoint, state });
    file.predecessor = predecessor;
    this.rekey(file, look);
    this.move(file, directory, name);
    return file;
  }

  /** Takes a stream over from before the start. It has yet to be found. */
  restore(stream: StreamLedger, identity: FileIdentity, checkpoint: FileCheckpoint): FollowedFile {
    stream.identity = identity;
    const { directory, base } = identity;
    const is_begun = checkpoint.offset > 0;
    const predecessor = is_begun ? undefined : this.fromBase(directory, base).at(-1);
    const file = this.#add({ stream, identity, checkpoint, state: "unplaced" });
    file.predecessor = predecessor;
    return file;
  }

  /** Puts a file at rest to sleep, and says whether it could. */
  sleep(file: FollowedFile): boolean {
    const { key, directory, name } = file.identity;
    const is_found = this.withKey(key) === file && this.at(directory, name) === file;
    const note = is_found ? noteOf(file) : undefined;
    const slot = note && this.#streams.sleep(file.stream, note);
    if (slot === undefined) return false;
    this.#files.delete(file);
    this.#by_key.delete(key);
    this.#by_place.delete(joinPath(directory, name));
    this.#leaveBase(file);
    this.sleepers.add(slot, file, "placed");
    return true;
  }

  /** Wakes the file in a slot. One that was never placed is as after `restore`. */
  wake(slot: number): FollowedFile {
    const state = this.sleepers.take(slot);
    const { stream, note } = this.#streams.wake(slot);
    const identity = (stream.identity = fileIdentity.parse(stream.identity));
    const checkpoint = (stream.checkpoint = fileCheckpoint.parse(stream.checkpoint));
    let file: FollowedFile;
    if (state === "unplaced") file = this.restore(stream, identity, checkpoint);
    else {
      file = this.#add({ stream, identity, checkpoint, state: "live" }, "known");
      file.path = file.origin_place;
      file.passed_over_in = this.survey_number;
      this.#by_key.set(identity.key, file);
      this.#by_place.set(file.origin_place, file);
    }
    takeNote(file, note, state);
    this.onWake(file);
    return file;
  }

  #woken(slot: number | undefined): FollowedFile | undefined {
    return slot === undefined ? undefined : this.wake(slot);
  }

  /** Says which file on disk this one is now. */
  rekey(file: FollowedFile, look: Look): void {
    const { identity } = file;
    if (this.#by_key.get(identity.key) === file) this.#by_key.delete(identity.key);
    if (identity.key !== look.key || identity.birth !== look.birth) {
      identity.key = look.key;
      identity.birth = look.birth;
      file.stream.identityChanged();
    }
    this.#by_key.set(look.key, file);
  }

  move(file: FollowedFile, directory: string, name: string): void {
    const { identity } = file;
    const before = joinPath(identity.directory, identity.name);
    const place = sharedPath(directory, name, identity.path);
    if (this.#by_place.get(before) === file) {
      if (place === before && file.path === place) return;
      this.#by_place.delete(before);
    }
    // Whatever slept there is there no more.
    this.#woken(this.sleepers.find(directory, name));
    file.moved(directory, name, place);
    this.#by_place.set(place, file);
  }

  /** Says that no path leads to the file any more. */
  displace(file: FollowedFile): void {
    const { identity } = file;
    const place = joinPath(identity.directory, identity.name);
    if (this.#by_place.get(place) === file) this.#by_place.delete(place);
    file.path = undefined;
  }

  /** Stops following. The stream is forgotten once its events are settled. */
  retire(file: FollowedFile): void {
    file.state = "retired";
    this.displace(file);
    if (this.#by_key.get(file.identity.key) === file) this.#by_key.delete(file.identity.key);
    this.forgetSettled(file);
  }

  forgetSettled(file: FollowedFile): void {
    if (file.state !== "retired" || !file.stream.idle || file.descriptor !== undefined) return;
    this.#leaveBase(file);
    if (!this.#by_base.has(file.origin_place)) this.#noteBases(file.origin_place);
    this.#files.delete(file);
    this.#streams.forget(file.stream);
  }

  #add(found: Added, place: "known" | "new" = "new"): FollowedFile {
    const { path, directory, base } = found.identity;
    const originOf = this.#originOf;
    const origin_place = sharedPath(directory, base, path);
    const now_ms = this.#clock.monotonic();
    const file = new FollowedFile({ ...found, originOf, origin_place, now_ms });
    this.#files.add(file);
    const siblings = this.#by_base.get(origin_place);
    if (siblings === undefined) {
      this.#by_base.set(origin_place, file);
      if (place === "new") this.#noteBases(origin_place);
    } else if (siblings instanceof Set) siblings.add(file);
    else this.#by_base.set(origin_place, new Set([siblings, file]));
    return file;
  }

  #leaveBase(file: FollowedFile): void {
    const { origin_place } = file;
    const siblings = this.#by_base.get(origin_place);
    if (siblings instanceof Set) siblings.delete(file);
    if (siblings === file || (siblings instanceof Set && siblings.size === 0))
      this.#by_base.delete(origin_place);
  }

  #noteBases(place: string): void {
    const directory = dirname(place);
    this.#versions.set(directory, this.basesVersion(directory) + 1);
  }
}

/** The path of a place: the same text as `known`, where it is that, so that it is kept once. */
function sharedPath(directory: string, name: string, known: string): string {
  const path = joinPath(directory, name);
  return path === known ? known : path;
}
