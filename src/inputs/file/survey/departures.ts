/**
 * Departures: files that were renamed, deleted or truncated. What is unread of them is read wherever it went,
 * and what cannot be read any more is booked as lost.
 */
import { findCopy, type Copy } from "./copies.ts";
import type { Found } from "../discovery/walk.ts";
import { closeFile, lookAtOpen, type Look } from "../discovery/file-access.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import type { FileInputContext } from "../files/context.ts";
import { fingerprintOf, type FileCheckpoint } from "../files/identity.ts";
import { loseBytes } from "../files/losses.ts";
import { reopen, type Reopened } from "./reopened.ts";
import { isForeign } from "./rotation.ts";
import { noteSettled } from "./untouched.ts";

/** Looks in a row that must miss a file before it counts as deleted: it may be renamed during a look. */
const misses_max = 2;
/** In a directory of so few names it is looked for again at once: on a loaded machine one look can span several renames. */
const names_small_max = 64;
const looks_again = 2;
const beginning: FileCheckpoint = { offset: 0, tail: fingerprintOf(Buffer.alloc(0)) };

/** Where a file is, without symlinks, and what it looks like. */
type Place = Pick<Found, "directory" | "name" | "look">;

export class Departures {
  readonly #context: FileInputContext;

  constructor(context: FileInputContext) {
    this.#context = context;
  }

  /** Finds out where a file is that its path does not lead to. */
  async locate(file: FollowedFile): Promise<void> {
    const { roster, clock } = this.#context;
    const { descriptor } = file;
    if (descriptor !== undefined && file.path === undefined && !file.busy) {
      const look = await lookAtOpen(descriptor, clock.monotonic()).catch(() => undefined);
      if (look !== undefined && file.note(look, clock.monotonic())) this.#context.wake(file);
      if (look?.links === 0) return;
    }
    const { directory } = file.identity;
    const found = await this.#findPatiently(file);
    if (found === "unavailable") return;
    if (found !== undefined) {
      file.set("missed", 0);
      if (roster.withKey(found.look.key) === file) roster.move(file, found.directory, found.name);
      this.see(file, found.look);
      return;
    }
    roster.displace(file);
    file.missed += 1;
    // The listing may be older than the rename: the next look takes a new one.
    this.#context.directories.changed(directory, undefined);
    if (file.descriptor === undefined && !file.busy && file.missed >= misses_max) {
      await this.vanish(file);
    }
  }

  /** Whatever it has when it is read next, its end was gone. */
  #seeShorter(file: FollowedFile, look: Look): void {
    const is_later = look.at_ms > file.read_end_ms;
    if (look.size < (is_later ? file.offset : file.read_from)) file.set("cut_at", undefined);
    else if (is_later) file.cut_at = Math.min(file.cut_at ?? look.size, look.size);
    else return;
    // A turn that is in progress ends first.
    if (file.busy) file.was_rewritten = true;
    else this.#restartSoon(file);
  }

  #restartSoon(file: FollowedFile): void {
    file.state = "truncated";
    this.#context.requestSurvey();
  }

  async #findPatiently(file: FollowedFile): ReturnType<Departures["find"]> {
    const { directories, open_files } = this.#context;
    const { directory, name } = file.identity;
    const isWanted = (look: Look): boolean => open_files.isSame(file, look);
    let found = await this.find(directory, name, isWanted);
    for (let again = 0; found === undefined && again < looks_again; again += 1) {
      const listed = await directories.list(directory);
      if ("error" in listed || listed.names.size > names_small_max) break;
      directories.forget(directory);
      found = await this.find(directory, name, isWanted);
    }
    return found;
  }

  /** Takes note of a look at a file. */
  see(file: FollowedFile, look: Look): void {
    if (file.isOutdated(look)) return;
    if (file.identity.packed !== undefined) return this.#seePacked(file, look);
    const { size } = file.identity;
    const shrunk = look.size < file.offset && look.size < size;
    if (file.readable && look.size < size) this.#seeShorter(file, look);
    const now_ms = this.#context.clock.monotonic();
    const changed = file.note(look, now_ms);
    if (!changed) noteSettled(file, look, now_ms);
    if (file.state === "finished") {
      // Of a copy of less than what was consumed nothing more is read as long as it does not grow beyond that.
      const whole = size >= file.offset || look.size > file.offset;
      if (shrunk) this.#restartSoon(file);
      else if (changed && whole) file.state = "leaving";
    }
    if (changed || file.trouble !== undefined) this.#context.wake(file);
  }

  /** A compressed file that is shorter has other content; one that changed otherwise is read on. */
  #seePacked(file: FollowedFile, look: Look): void {
    const is_shorter = look.size < file.packed_size;
    const now_ms = this.#context.clock.monotonic();
    if (!file.note(look, now_ms)) return noteSettled(file, look, now_ms);
    if (is_shorter && file.state !== "truncated") {
      if (file.busy) file.was_rewritten = true;
      else this.#restartSoon(file);
    } else if (file.state === "finished" && file.identity.packed?.is_passed_over !== true) {
      file.state = "leaving";
    }
    this.#context.wake(file);
  }

  /** A file of the directory for which `isWanted`, the one called `name` if it is. */
  async find(
    path: string,
    name: string,
    isWanted: (look: Look) => boolean,
  ): Promise<Place | "unavailable" | undefined> {
    const { directories } = this.#context;
    const directory = await directories.list(path);
    if ("error" in directory) {
      return directory.error === "ENOENT" || directory.error === "ENOTDIR"
        ? undefined
        : "unavailable";
    }
    // Where it is a link now, what that leads to has a name of its own.
    const own = directory.names.get(name)?.kind === "file" ? [name] : [];
    const look = (await directories.look(directory, own)).get(name);
    if (look !== undefined && isWanted(look)) return { directory: directory.real, name, look };
    const names = [...directory.names]
      .filter(([other, { kind }]) => kind === "file" && !isForeign(other))
      .map(([other]) => other);
    for (const [other, seen] of await directories.look(directory, names)) {
      if (isWanted(seen)) return { directory: directory.real, name: other, look: seen };
    }
    return undefined;
  }

  /**
   * The file is gone, and no handle on it is left: what is unread of it may be in a copy, or is lost. One that was
   * compressed is known by what it became, so that it is not read again.
   */
  async vanish(file: FollowedFile): Promise<void> {
    const found = await this.#findCopy(file);
    if (found === "later") return;
    const is_of_use = file.unread_bytes > 0 || found?.packed !== undefined;
    const copy = is_of_use ? found : undefined;
    if (copy?.is_followed === false) return this.adopt(file, copy);
    loseBytes(this.#context, file, "deleted", file.identity.size - endOf(file, copy));
    this.#context.roster.retire(file);
  }

  /**
   * The file is shorter than it was, or has other bytes: it starts again from its beginning, or where it has all that was
   * read of it, from there.
   */
  async restart(file: FollowedFile): Promise<void> {
    const { roster, open_files } = this.#context;
    const found = await reopen(file, this.#context.open_files);
    if (found === "later") return;
    // The copy was made before the truncation that was seen, so it is there now, notified or not.
    this.#context.directories.forget(file.identity.directory);
    const copy = await this.#findCopy(file);
    if (copy === "later") {
      if (found?.descriptor !== undefined) await closeFile(found.descriptor);
      return;
    }
    const is_copied = copy?.is_followed === false;
    if (found?.is_cut === true && !is_copied) {
      await this.#goOn(file, found, copy);
      return;
    }
    if (found !== undefined && found.unfit === undefined) this.#succeed(file, found);
    else if (found?.descriptor !== undefined) await closeFile(found.descriptor);
    if (is_copied) return this.adopt(file, copy);
    loseBytes(this.#context, file, "truncated", file.proven_size - endOf(file, copy));
    await open_files.close(file);
    roster.retire(file);
  }

  /** Begins to follow what the file is now. */
  #succeed(file: FollowedFile, { head, look, descriptor, packed, is_cut }: Reopened): void {
    const { roster, open_files, log, input } = this.#context;
    const { path, directory, name, base, samples } = file.identity;
    const checkpoint = is_cut ? file.checkpoint : beginning;
    const successor = roster.create({ path, directory, name, look }, base, {
      head,
      checkpoint,
      packed,
    });
    if (is_cut) successor.identity.samples = samples;
    open_files.transfer(file, successor);
    if (descriptor !== undefined) open_files.adopt(successor, descriptor);
    log.info(
      "file_truncated",
      { input, path, read_bytes: file.offset, from: checkpoint.offset },
      "File was truncated or rewritten. Reading its new content.",
    );
    this.#context.wake(successor);
  }

  /** Goes on with a file of which nothing is gone but what was beyond a place behind all that was read. */
  async #goOn(file: FollowedFile, found: Reopened, copy?: Copy): Promise<void> {
    const { look, descriptor, packed } = found;
    const { identity, cut_at = look.size } = file;
    const end = Math.max(cut_at, endOf(file, copy));
    loseBytes(this.#context, file, "truncated", identity.size - end);
    if (descriptor !== undefined) await closeFile(descriptor);
    file.repack(packed);
    file.resize(file.sizeOf(look), this.#context.clock.monotonic());
    file.state = packed === undefined ? "live" : "leaving";
    this.#context.wake(file);
  }

  /** Goes on with a file in the copy that was made of it. */
  async adopt(file: FollowedFile, copy: Copy): Promise<void> {
    const { roster, open_files, log, input } = this.#context;
    const { name, look, relation } = copy;
    const { identity } = file;
    await open_files.close(file);
    loseBytes(this.#context, file, "truncated", file.proven_size - endOf(file, copy));
    roster.rekey(file, look);
    roster.move(file, identity.directory, name);
    file.repack(copy.packed);
    file.resize(file.sizeOf(look), this.#context.clock.monotonic());
    identity.mtime_ms = look.mtime_ms;
    file.read_at_ms = this.#context.clock.monotonic();
    file.read_end_ms = file.read_at_ms;
    file.set("missed", 0);
    file.state = relation === "continues" ? "leaving" : "finished";
    file.grown_at_ms = this.#context.clock.monotonic();
    const unread_bytes = file.unread_bytes;
    log.info(
      "file_copied",
      { input, path: identity.path, copy: name, unread_bytes },
      copy.packed === undefined
        ? "File was copied and truncated. Reading the rest from the copy."
        : "File was compressed. Reading the rest, if there is any, from the compressed file.",
    );
    this.#context.wake(file);
  }

  #findCopy(file: FollowedFile): ReturnType<typeof findCopy> {
    const { roster, open_files } = this.#context;
    return findCopy(file, this.#context, (look) => {
      // The inode of a file that was just removed is used again at once: then it is no longer that one.
      const other = roster.withKey(look.key);
      if (other === undefined || !open_files.isSame(other, look)) return "nobody";
      return other === file ? "itself" : "another";
    });
  }
}

/** How far the content of a file is read, or is to be read in its copy. */
function endOf(file: FollowedFile, copy: Copy | undefined): number {
  return Math.max(file.offset, copy?.size ?? 0);
}
