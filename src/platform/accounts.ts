/**
 * The numbers of users and groups, by the names in /etc/passwd and /etc/group (passwd(5), group(5)). Accounts that
 * only a directory service knows have to be given by number.
 */
import { readFile } from "node:fs/promises";

/** The id of a user, by name or in digits; undefined where there is none of that name. */
export function userId(user: string): Promise<number | undefined> {
  return idOf(user, "/etc/passwd");
}

/** The id of a group, by name or in digits; undefined where there is none of that name. */
export function groupId(group: string): Promise<number | undefined> {
  return idOf(group, "/etc/group");
}

/** The name of a user; the number where it has none. */
export function userName(uid: number): Promise<string> {
  return nameOf(uid, "/etc/passwd");
}

/** The name of a group; the number where it has none. */
export function groupName(gid: number): Promise<string> {
  return nameOf(gid, "/etc/group");
}

/** The group that a user is in from the start, by the user's name; undefined where there is none of that name. */
export async function primaryGroupId(user: string): Promise<number | undefined> {
  const id = (await accountsIn("/etc/passwd")).find(([name]) => name === user)?.[3];
  return id === undefined ? undefined : Number(id);
}

async function nameOf(id: number, file: string): Promise<string> {
  const account = (await accountsIn(file)).find(([, , number]) => number === String(id));
  return account?.[0] ?? String(id);
}

/** Both files have the name in the first field and the id in the third. */
async function idOf(account: string, file: string): Promise<number | undefined> {
  if (/^\d{1,10}$/.test(account)) return Number(account);
  const id = (await accountsIn(file)).find(([name]) => name === account)?.[2];
  return id === undefined ? undefined : Number(id);
}

async function accountsIn(file: string): Promise<string[][]> {
  return (await readFile(file, "utf8")).split("\n").map((line) => line.split(":"));
}
