/**
 * Why a path may not be read, and who could read it: the first directory on the way that is closed, or the file.
 */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { groupName, userName } from "../../platform/accounts.ts";

/** What is in the way to a file or directory. */
export interface Obstacle {
  readonly kind: "missing" | "closed";
  readonly path: string;
  /** What may not be done there: going through a directory, listing it, or reading a file. */
  readonly right: "search" | "list" | "read";
}

/** The first thing that keeps this user from reading the path; undefined where nothing does. */
export async function obstacleOnTheWayTo(path: string): Promise<Obstacle | undefined> {
  for (const directory of directoriesAbove(path)) {
    const obstacle = await obstacleAt(directory, "search");
    if (obstacle !== undefined) return obstacle;
  }
  return obstacleAt(path, (await isDirectory(path)) ? "list" : "read");
}

/** What keeps this user from it at the path itself. */
export async function obstacleAt(
  path: string,
  right: Obstacle["right"],
): Promise<Obstacle | undefined> {
  try {
    await access(path, right === "search" ? constants.X_OK : constants.R_OK);
    return undefined;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    return { kind: code === "ENOENT" || code === "ENOTDIR" ? "missing" : "closed", path, right };
  }
}

/** Whose the path is: `owner root, group adm, mode 0750`. */
export async function ownershipOf(path: string): Promise<string> {
  try {
    const { uid, gid, mode } = await stat(path);
    const octal = (mode & 0o7777).toString(8).padStart(4, "0");
    return `owner ${await userName(uid)}, group ${await groupName(gid)}, mode ${octal}`;
  } catch {
    return "its owner cannot be seen: it leads to where this user may not go";
  }
}

/** How this user can be given the right that is missing. */
export async function grantFor({ path, right }: Obstacle): Promise<string> {
  const bits = right === "read" ? 0o040 : 0o050;
  const user = thisUser();
  const { gid, mode } = await stat(path).catch(() => ({ gid: 0, mode: 0 }));
  // Root's own group is for nobody else to be in.
  if ((mode & bits) === bits && gid !== 0) {
    const group = await groupName(gid);
    return `Put the user into the group, \`usermod -aG ${group} ${user}\`, and restart tallyman.`;
  }
  return `Let the user in: \`setfacl -m u:${user}:${right === "read" ? "r" : "rx"} ${path}\`.`;
}

/** The nearest directory above the path that exists, and whether this user may make something in it. */
export async function nearestAbove(
  path: string,
): Promise<{ directory: string; writable: boolean }> {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const exists = await stat(directory).catch((thrown: NodeJS.ErrnoException) => thrown.code);
    if (exists === "ENOENT" && directory !== "/") continue;
    const is_directory = typeof exists === "object" && exists.isDirectory();
    return { directory, writable: is_directory && (await mayWriteTo(directory)) };
  }
}

export function mayWriteTo(directory: string): Promise<boolean> {
  return access(directory, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

export function thisUser(): string {
  try {
    return userInfo().username;
  } catch {
    // The user has no entry in /etc/passwd, as in many containers.
    return String(process.getuid?.());
  }
}

function directoriesAbove(path: string): string[] {
  const above: string[] = [];
  for (let at = dirname(path); ; at = dirname(at)) {
    above.unshift(at);
    if (at === "/") return above;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() === true;
}
