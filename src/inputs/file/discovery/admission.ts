/**
 * What may be followed of what patterns lead to. A plain file in a directory of the pattern may be, whoever may write there:
 * that is usual for logs. A link may be another's way to a file that only tallyman can read, so it is judged:
 *
 * - Where it leads to stays in the directories of the pattern, it is followed if whoever made it could have put that file at
 *   the place of the link: the file is the link's owner's, or in the link's own directory.
 * - Where it leads out of them, it is followed if nobody but root and tallyman's user can change where it leads.
 *
 * Devices, pipes, sockets, the file systems of the kernel and tallyman's own files are never followed.
 */
import { dirname } from "node:path";
import { joinPath, type Directory } from "./directories.ts";
import { lookAtHolder, type Kind, type Look } from "./file-access.ts";
import { KernelFileSystems } from "./kernel-file-systems.ts";
import type { OwnFiles } from "./own-files.ts";
import {
  hardLinkMessage,
  kernelMessage,
  kindMessage,
  linkMessage,
  ownMessage,
  untrustedMessage,
  type Refusal,
} from "./refusal.ts";
import { isSticky, isTrusted, wayTo, writersOf, type Way, type WayCache } from "./way.ts";
import { pathOf } from "../../../platform/files/descriptor-path.ts";

/** Which links are followed. */
export type FollowLinks = "trusted" | "never" | "always";

/** Why something is not followed, but for the path that the pattern has for it. */
export type Verdict = Omit<Refusal, "path" | "is_asked_for">;

/** Where a link leads, if it may be followed there. */
export interface Admitted {
  readonly directory: string;
  readonly name: string;
  readonly look: Look;
}

/** A name in a directory that is no symlink. */
type Place = Pick<Admitted, "directory" | "name">;

export class Admission {
  readonly #links: FollowLinks;
  readonly #own: OwnFiles;
  readonly #cache: WayCache = { seen: new Map(), kernel: new KernelFileSystems() };
  /** What is known of devices from open files, and so for certain. */
  readonly #kernel_opened = new KernelFileSystems();

  constructor(links: FollowLinks, own: OwnFiles) {
    this.#links = links;
    this.#own = own;
  }

  /** Begins a scan that trusts nothing that was seen before. */
  async begin(): Promise<void> {
    this.#cache.seen.clear();
    this.#cache.kernel.forget();
    this.#kernel_opened.forget();
    await this.#own.look();
  }

  /**
   * Why a listed directory is not walked. `plain` is where it is if it is no link, in the real directory above it, and
   * `base` the real directory of the pattern; undefined for that directory itself. Rejects with the system's error.
   */
  async refusalOfDirectory(
    directory: Directory,
    plain: string,
    base: string | undefined,
  ): Promise<Verdict | undefined> {
    const { real, key } = directory;
    const is_link = real !== plain;
    const what = this.#own.directory(real, key);
    if (what !== undefined) return { reason: "own", message: ownMessage(what, is_link), real, key };
    if (await this.#cache.kernel.has(directory.device, real)) {
      return { reason: "kernel", message: kernelMessage(is_link), real, key };
    }
    if (!is_link) return undefined;
    const way = await wayTo(plain, this.#cache);
    if (way.real !== real || way.look.key !== key)
      throw new Error("its target has changed meanwhile");
    return this.#refusalOfWay(way, base);
  }

  /** Where the link at `path`, in a real directory, leads, or why it is not followed. Rejects with the system's error. */
  async admitLink(path: string, base: string): Promise<Admitted | Verdict> {
    const way = await wayTo(path, this.#cache);
    const { real, look } = way;
    const { key } = look;
    const directory = dirname(real);
    const what = this.#ownName(real, directory, look);
    if (what !== undefined) return { reason: "own", message: ownMessage(what, true), real, key };
    const refusal = this.#refusalOfWay(way, base);
    if (refusal !== undefined) return refusal;
    if (look.kind !== "file") return refusalOfKind(look.kind, { path, real, key, leads: true });
    return { directory, name: real.slice(directory === "/" ? 1 : directory.length + 1), look };
  }

  /** Why a file is not followed that no link leads to. */
  refusalOfFile({ real }: Directory, name: string, { key }: Look): Verdict | undefined {
    const what = this.#own.file(real, name, key);
    if (what === undefined) return undefined;
    return { reason: "own", message: ownMessage(what, false), real: undefined, key };
  }

  /**
   * Why an open file is not followed of which nothing was read yet, a copy of another one among them: what can be said for
   * certain of just this file. Rejects with the system's error.
   */
  async refusalOfOpened(
    place: Place,
    look: Look,
    descriptor: number,
  ): Promise<Verdict | undefined> {
    const { directory, name } = place;
    const { key, device } = look;
    const real = undefined;
    const what = this.#ownName(joinPath(directory, name), directory, look);
    if (what !== undefined) return { reason: "own", message: ownMessage(what, false), real, key };
    if (await this.#kernel_opened.has(device, pathOf(descriptor))) {
      return { reason: "kernel", message: kernelMessage(false), real, key };
    }
    return this.refusalOfHardLink(place, look);
  }

  /**
   * Why a file with several names is not followed: whoever may write to the directory may have put one of them there. Not
   * so where that is only the file's own owner.
   */
  async refusalOfHardLink({ directory, name }: Place, look: Look): Promise<Verdict | undefined> {
    if (look.links < 2 || this.#links === "always") return undefined;
    const { uid, mode } = await lookAtHolder(directory, name, look.key);
    const writers = writersOf(directory, { uid, mode });
    if (writers === undefined) return undefined;
    const is_owners = uid === look.uid && writersOf(directory, { uid: 0, mode }) === undefined;
    if (is_owners) return undefined;
    return {
      reason: "hard_link",
      message: hardLinkMessage(writers),
      real: undefined,
      key: look.key,
    };
  }

  #ownName(real: string, directory: string, { kind, key }: Look): string | undefined {
    if (kind === "directory") return this.#own.directory(real, key);
    const name = real.slice(directory === "/" ? 1 : directory.length + 1);
    return this.#own.directory(directory, "") ?? this.#own.file(directory, name, key);
  }

  #refusalOfWay(way: Way, base: string | undefined): Verdict | undefined {
    const { real, look, doubt, is_kernel } = way;
    const { key } = look;
    if (is_kernel) return { reason: "kernel", message: kernelMessage(true), real, key };
    if (this.#links === "always") return undefined;
    if (this.#links === "never") return { reason: "link", message: linkMessage(real), real, key };
    if (doubt === undefined || this.#staysIn(base, way)) return undefined;
    return { reason: "link_untrusted", message: untrustedMessage(real, doubt), real, key };
  }

  /** Whether it stays in the directories of the pattern, and whoever made each link could have put there what it leads to. */
  #staysIn(base: string | undefined, { real, look, links }: Way): boolean {
    if (base === undefined || !isWithin(real, base)) return false;
    return links.every(({ path, uid }) => {
      if (isTrusted(uid) || uid === look.uid) return true;
      const directory = dirname(path);
      const seen = this.#cache.seen.get(directory);
      // In a sticky one nobody may move what is another's.
      return directory === dirname(real) && seen !== undefined && !isSticky(seen);
    });
  }
}

/** Why what is no file is not followed. */
export function refusalOfKind(
  kind: Exclude<Kind, "file">,
  {
    path,
    real,
    key,
    leads,
  }: { path: string; real?: string | undefined; key?: string; leads: boolean },
): Verdict {
  return { reason: kind, message: kindMessage(kind, path, leads), real, key };
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(joinPath(directory, ""));
}
