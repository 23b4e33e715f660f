/**
 * Whether only root and tallyman's own user can change something: who else could would have tallyman run, read or
 * overwrite what they choose.
 */
import { accessSync, constants, readFileSync, type Dirent, type Stats } from "node:fs";
import { lstat, readdir, readlink, realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

const group_write = 0o020;
const others_write = 0o002;
const sticky = 0o1000;
/** As the kernel has it for links that lead to links (path_resolution(7)). */
const links_max = 40;

/** The user that tallyman runs as; undefined where the system has none. */
type User = number | undefined;

/** What speaks against trusting what is at `path` and has these `stats`; undefined for nothing. */
export function distrust(stats: Stats, path: string, user = ownUser()): string | undefined {
  if ((stats.mode & (group_write | others_write)) !== 0 && !isReadOnly(path)) {
    return `its group or others may write to it (mode ${modeText(stats)}); run: chmod go-w '${path}'`;
  }
  return isTrustedOwner(stats.uid, user) ? undefined : ownedBy(stats, user);
}

/**
 * Whether it stands on a mount that nobody can write, whatever its mode says: Kubernetes mounts a ConfigMap like that, with a
 * mode that allows everybody everything.
 */
function isReadOnly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EROFS";
  }
}

/** Whether a file of this owner is one that root has made, or tallyman's user, which without more is this process's. */
export function isTrustedOwner(uid: number, user = ownUser()): boolean {
  return user === undefined || uid === 0 || uid === user;
}

/**
 * What speaks against a directory that tallyman alone is to use: its own owner and mode, those of all that is above it,
 * and of the directories in it. Rejects with the system's error where it cannot be looked at.
 */
export async function distrustOfTree(
  directory: string,
  user = ownUser(),
): Promise<string | undefined> {
  const above = await distrustOfWay(directory, user);
  if (above !== undefined) return above;
  const real = await realpath(directory);
  return (await distrustAt(real, user)) ?? distrustWithin(real, user);
}

async function distrustAt(path: string, user: User): Promise<string | undefined> {
  const stats = await lstat(path).catch(ignoreGone);
  const reason = stats && distrust(stats, path, user);
  return reason && `${path}: ${reason}`;
}

/** The directories in a trusted one, and what links in it lead to. */
async function distrustWithin(directory: string, user: User): Promise<string | undefined> {
  for (const entry of await entriesOf(directory)) {
    const path = join(directory, entry.name);
    let reason: string | undefined;
    if (entry.isDirectory())
      reason = (await distrustAt(path, user)) ?? (await distrustWithin(path, user));
    else if (entry.isSymbolicLink()) reason = await distrustOfLink(path, user);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  return (await readdir(directory, { withFileTypes: true }).catch(ignoreGone)) ?? [];
}

/** For `catch`: nothing where it is gone meanwhile, or is root's alone, as the `lost+found` of a disk. */
function ignoreGone(cause: NodeJS.ErrnoException): undefined {
  if (cause.code !== "EACCES" && cause.code !== "ENOENT") throw cause;
}

/** Someone may have put a directory of it on another disk; a link to anything else is refused where it is opened. */
async function distrustOfLink(path: string, user: User): Promise<string | undefined> {
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined || !(await lstat(target)).isDirectory()) return undefined;
  return (await distrustOfWay(path, user)) ?? distrustAt(target, user);
}

/** Whether others can replace what is at `path`, at any step on the way there, links included. */
async function distrustOfWay(path: string, user: User, links = 0): Promise<string | undefined> {
  const directory = dirname(resolve(path));
  if (directory !== resolve(path)) {
    const reason =
      (await distrustOfWay(directory, user, links)) ?? (await swappers(directory, user));
    if (reason !== undefined) return reason;
  }
  const stats = await lstat(path);
  if (!stats.isSymbolicLink() || links > links_max) return undefined;
  if (!isTrustedOwner(stats.uid, user)) return `${path}: ${ownedBy(stats, user)}`;
  return distrustOfWay(resolve(await realpath(directory), await readlink(path)), user, links + 1);
}

/** Who could rename what is in the directory. */
async function swappers(directory: string, user: User): Promise<string | undefined> {
  const real = await realpath(directory);
  return distrustOfNames(await lstat(real), real, user);
}

/** Whether others can put something else in the place of what is in the directory `path` with these `stats`. */
export function distrustOfNames(stats: Stats, path: string, user = ownUser()): string | undefined {
  if (!isTrustedOwner(stats.uid, user) && isMapped(stats.uid)) {
    return `${path}: ${ownedBy(stats, user)}`;
  }
  // Of root's own group nobody else is.
  const writers = stats.gid === 0 ? others_write : group_write | others_write;
  if ((stats.mode & writers) === 0 || (stats.mode & sticky) !== 0) return undefined;
  return (
    `${path}: its group or others may write to it (mode ${modeText(stats)}), and so replace ` +
    `what is in it; run: chmod go-w '${path}', or chmod +t '${path}'`
  );
}

/** In a user namespace all users that it does not know look like one, and root of the machine is among them. */
function isMapped(uid: number): boolean {
  return mappedRanges().some((range) => {
    const [first = 0, , count = 0] = range.trim().split(/\s+/).map(Number);
    return uid >= first && uid < first + count;
  });
}

/** Of a kernel that has no user namespaces, one range of all users. */
function mappedRanges(): string[] {
  try {
    return readFileSync("/proc/self/uid_map", "utf8").trim().split("\n");
  } catch {
    return ["0 0 4294967295"];
  }
}

/** What speaks against following a link with these `stats`, beside those who may write its directory. */
export function distrustOfLinkOwner(stats: Stats, user = ownUser()): string | undefined {
  return isTrustedOwner(stats.uid, user) || !isMapped(stats.uid) ? undefined : ownedBy(stats, user);
}

function ownedBy(stats: Stats, user: User): string {
  return `it belongs to user ${stats.uid}, neither root nor tallyman's own user (${user})`;
}

function ownUser(): User {
  return process.geteuid?.();
}

function modeText({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}
