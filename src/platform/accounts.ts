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

/** Both files have the name in the first field and the id in the third. */
async function idOf(account: string, file: string): Promise<number | undefined> {
  if (/^\d{1,10}$/.test(account)) return Number(account);
  const lines = (await readFile(file, "utf8")).split("\n").map((line) => line.split(":"));
  const id = lines.find(([name]) => name === account)?.[2];
  return id === undefined ? undefined : Number(id);
}
