/**
 * Departures: files that were renamed, deleted or truncated. What is unread of them is read wherever it went,
 * and what cannot be read any more is booked as lost.
 */
import { findCopy, readHead, type Copy } from "./copies.ts";
import type { Found } from "./discovery.ts";
import { errorCode, lookAtOpen, type Look } from "./file-access.ts";
import type { FollowedFile } from "./followed-file.ts";
import type { Following } from "./following.ts";
import { loseBytes } from "./losses.ts";
import { openChecked } from "./open-files.ts";
import { isCompressed } from "./rotation.ts";

/** Looks in a row that must miss a file before it counts as deleted: it may be renamed during a look. */
const misses_max = 2;
/** In a directory of so few names it is looked for again at once: on a loaded machine one look can span several renames. */
const names_small_max = 64;
const looks_again = 2;

/** Where a file is, without symlinks, and what it looks like. */
type Place = Pick<Found, "directory" | "name" | "look">;

export class Departures {
  readonly #following: Following;

  constructor(following: Following) {
    this.#following = following;
  }

  /** Finds out where a file is that its path does not lead to. */
  async locate(file: FollowedFile): Promise<void> {
    const { roster, clock } = this.#following;
    const { descriptor } = file;
    if (descriptor !== undefined && file.path === undefined && !file.busy) {
      const look = await lookAtOpen(descriptor).catch(() => undefined);
      if (look !== undefined && file.note(look, clock.monotonic())) this.#following.wake(file);
      if (look?.links === 0) return;
    }
    const { directory } = file.identity;
    const found = await this.#findPatiently(file);
    if (found === "unavailable") return;
    if (found !== undefined) {
      file.missed = 0;
      if (roster.withKey(found.look.key) === file) roster.move(file, found.directory, found.name);
      this.see(file, found.look);
      return;
    }
    roster.displace(file);
    file.missed += 1;
    // The listing may be older than the rename: the next look takes a new one.
    this.#following.directories.changed(directory, undefined);
    if (file.descriptor === undefined && !file.busy && file.missed >= misses_max) {
      await this.vanish(file);
    }
  }

  async #findPatiently(file: FollowedFile): ReturnType<Departures["find"]> {
    const { directories, open_files } = this.#following;
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
    if (look.at_ms < file.read_at_ms) return;
    const shrunk = look.size < file.offset && look.size < file.identity.size;
    const grown = look.size > file.identity.size && look.size > file.offset;
    const changed = file.note(look, this.#following.clock.monotonic());
    if (file.state === "finished") {
      if (shrunk) file.state = "truncated";
      else if (grown) file.state = "leaving";
    }
    if (changed || file.trouble !== undefined) this.#following.wake(file);
  }

  /** A file of the directory for which `isWanted`, the one called `name` if it is. */
  async find(
    path: string,
    name: string,
    isWanted: (look: Look) => boolean,
  ): Promise<Place | "unavailable" | undefined> {
    const { directories } = this.#following;
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
      .filter(([other, { kind }]) => kind === "file" && !isCompressed(other))
      .map(([other]) => other);
    for (const [other, seen] of await directories.look(directory, names)) {
      if (isWanted(seen)) return { directory: directory.real, name: other, look: seen };
    }
    return undefined;
  }

  /** The file is gone, and no handle on it is left: what is unread of it may be in a copy, or is lost. */
  async vanish(file: FollowedFile): Promise<void> {
    const copy = file.unread_bytes > 0 ? await this.#findCopy(file) : undefined;
    if (copy !== undefined) return this.adopt(file, copy);
    loseBytes(this.#following, file, "deleted", file.unread_bytes);
    this.#following.roster.retire(file);
  }

  /** The file is shorter than what was read of it, or has other bytes there: it starts anew. */
  async restart(file: FollowedFile): Promise<void> {
    const { roster, open_files, log, input } = this.#following;
    const { path } = file.identity;
    const found = await this.#reopen(file);
    if (found === "later") return;
    // The copy was made before the truncation that was seen, so it is there now, notified or not.
    this.#following.directories.forget(file.identity.directory);
    const copy = await this.#findCopy(file);
    const identity = { ...file.identity };
    if (found !== undefined) {
      const { head, look } = found;
      const successor = roster.create(
        { path, directory: identity.directory, name: identity.name, look },
        identity.base,
        { head, offset: 0, tail: Buffer.alloc(0) },
      );
      open_files.transfer(file, successor);
      if (found.descriptor !== undefined) open_files.adopt(successor, found.descriptor);
      log.info({ input, path, read_bytes: file.offset }, "File was truncated; reading it anew");
      this.#following.wake(successor);
    }
    if (copy !== undefined) return this.adopt(file, copy);
    loseBytes(this.#following, file, "truncated", file.unread_bytes);
    await open_files.close(file);
    roster.retire(file);
  }

  /** Goes on with a file in the copy that was made of it. */
  async adopt(file: FollowedFile, copy: Copy): Promise<void> {
    const { roster, open_files, log, input } = this.#following;
    const { name, look, relation } = copy;
    const { identity } = file;
    await open_files.close(file);
    loseBytes(this.#following, file, "truncated", identity.size - Math.max(file.offset, look.size));
    roster.rekey(file, look);
    roster.move(file, identity.directory, name);
    identity.size = look.size;
    identity.mtime_ms = look.mtime_ms;
    file.read_at_ms = this.#following.clock.monotonic();
    file.long = undefined;
    file.hole_bytes = 0;
    file.at_end = false;
    file.missed = 0;
    file.state = relation === "continues" ? "leaving" : "finished";
    file.grown_at_ms = this.#following.clock.monotonic();
    file.stream.identityChanged();
    const unread_bytes = file.unread_bytes;
    log.info({ input, path: identity.path, copy: name, unread_bytes }, "File goes on in its copy");
    this.#following.wake(file);
  }

  #findCopy(file: FollowedFile): Promise<Copy | undefined> {
    const { roster, directories, open_files } = this.#following;
    return findCopy(file, directories, (look) => {
      // The inode of a file that was just removed is used again at once: then it is no longer that one.
      const other = roster.withKey(look.key);
      return other !== undefined && open_files.isSame(other, look);
    });
  }

  /** Looks at the truncated file as it is now, through the open handle if there is one. */
  async #reopen(file: FollowedFile) {
    try {
      const { descriptor, path } = file;
      if (descriptor !== undefined) {
        const look = await lookAtOpen(descriptor);
        return { head: await readHead(descriptor, look.size), look, descriptor: undefined };
      }
      if (path === undefined) return undefined;
      const { open_files } = this.#following;
      const opened = await openChecked(path, (look) => open_files.isSame(file, look));
      if (opened === undefined) return undefined;
      return { ...opened, head: await readHead(opened.descriptor, opened.look.size) };
    } catch (error) {
      const code = errorCode(error);
      return code === "ENOENT" || code === "EBADF" ? undefined : "later";
    }
  }
}
