/**
 * The way to a file, component by component, with every symlink resolved here (path_resolution(7)), and whether somebody
 * could have it lead elsewhere who is neither root nor tallyman's user.
 *
 * Whoever may write to a directory can put another entry instead of one. In a sticky one, such as /tmp, an entry can be
 * moved away only by its owner: so a directory of root's there stays, but a link or a file may have been moved there.
 */
import { readlink } from "node:fs/promises";
import { dirname } from "node:path";
import { joinPath } from "./directories.ts";
import { lookAtEntry, type Look } from "./file-access.ts";
import type { KernelFileSystems } from "./kernel-file-systems.ts";

/** A symlink on the way. */
export interface LinkOnWay {
  readonly path: string;
  readonly uid: number;
}

export interface Way {
  /** Where it ends, without symlinks. */
  readonly real: string;
  /** What is there. */
  readonly look: Look;
  readonly links: readonly LinkOnWay[];
  /** Why others may choose where it ends; undefined where they may not. */
  readonly doubt: string | undefined;
  /** Whether it comes to a file system of the kernel, where links lead to what is no path: it ends there then. */
  readonly is_kernel: boolean;
}

/** What is known of the directories on the ways of one scan, and which devices are file systems of the kernel. */
export interface WayCache {
  /** Whatever else may have been put in their place is looked at each time. */
  readonly seen: Map<string, Look>;
  readonly kernel: KernelFileSystems;
}

/** As the system itself (path_resolution(7)). */
const links_max = 40;
const group_or_others_write = 0o022;
const sticky = 0o1000;

/** Goes to where the absolute `path` leads. Rejects with the system's error. */
export async function wayTo(path: string, cache: WayCache): Promise<Way> {
  const names = path.split("/").toReversed();
  const links: LinkOnWay[] = [];
  let at: Step = { path: "/", look: await lookOnce("/", cache) };
  let doubt: string | undefined;
  const end = (is_kernel: boolean): Way => {
    return { real: at.path, look: at.look, links, doubt, is_kernel };
  };
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    if (name === "" || name === ".") continue;
    const next = name === ".." ? dirname(at.path) : joinPath(at.path, name);
    const entry = { path: next, look: await lookOnce(next, cache) };
    if (name !== "..") doubt ??= doubtOfStep(at, entry);
    if (entry.look.kind !== "link") {
      at = entry;
      if (await cache.kernel.has(at.look.device, at.path)) return end(true);
      continue;
    }
    links.push({ path: entry.path, uid: entry.look.uid });
    if (links.length > links_max) throw Object.assign(new Error("ELOOP"), { code: "ELOOP" });
    const target = await readlink(entry.path);
    names.push(...target.split("/").toReversed());
    if (target.startsWith("/")) at = { path: "/", look: await lookOnce("/", cache) };
  }
  return end(false);
}

/** Why others than root and tallyman's user may write to a directory; undefined where they may not. */
export function writersOf(path: string, { uid, mode }: Pick<Look, "uid" | "mode">) {
  if (!isTrusted(uid)) return `${path} belongs to user ${uid}`;
  if ((mode & group_or_others_write) === 0) return undefined;
  return `others may write to ${path} (mode ${mode.toString(8).padStart(4, "0")})`;
}

export function isSticky({ mode }: Pick<Look, "mode">): boolean {
  return (mode & sticky) !== 0;
}

/** Whether it is root or tallyman's user. */
export function isTrusted(uid: number): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

interface Step {
  readonly path: string;
  readonly look: Look;
}

function doubtOfStep(directory: Step, entry: Step): string | undefined {
  const { kind, uid } = entry.look;
  if (kind === "link" && !isTrusted(uid)) return `${entry.path} belongs to user ${uid}`;
  const writers = writersOf(directory.path, directory.look);
  if (writers === undefined || !isTrusted(directory.look.uid)) return writers;
  const stays = isSticky(directory.look) && kind === "directory" && isTrusted(uid);
  return stays ? undefined : writers;
}

async function lookOnce(path: string, { seen }: WayCache): Promise<Look> {
  const known = seen.get(path);
  if (known !== undefined) return known;
  const look = await lookAtEntry(path);
  if (look.kind === "directory") seen.set(path, look);
  return look;
}
