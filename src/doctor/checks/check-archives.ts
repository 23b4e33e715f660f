/**
 * The files that `file` outputs write: whether this user may write them, or make them.
 */
import { constants } from "node:fs";
import { access, lstat } from "node:fs/promises";
import { dirname } from "node:path";
import { outputsOf, type OutputSettings } from "../../config/outputs.ts";
import { Findings, type Finding } from "../findings/finding.ts";
import { HeldDirectory } from "../../platform/files/held-directory.ts";
import { NotAFile } from "../../platform/files/own-file.ts";
import { nearestAbove, ownershipOf, thisUser } from "./permissions.ts";

export async function checkArchives(settings: OutputSettings): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const { name, options } of outputsOf(settings)) {
    if (options.type === "file") found.push(await checkArchive(options.path, name));
  }
  return found;
}

async function checkArchive(path: string, name: string): Promise<Finding> {
  const findings = new Findings("archive", name);
  const obstacle = await obstacleBefore(path);
  if (obstacle !== undefined) return findings.fault("archive_closed", obstacle);
  const exists = await lstat(path).catch(() => undefined);
  if (exists !== undefined && !exists.isFile()) {
    const what = exists.isSymbolicLink()
      ? "a link, and tallyman does not write through links"
      : "not a regular file";
    return findings.fault("archive_closed", `${path} is ${what}`);
  }
  const closed = exists !== undefined && !(await mayBeWritten(path));
  if (closed) {
    const message = `${path} cannot be written by user ${thisUser()} (${await ownershipOf(path)})`;
    return findings.fault("archive_closed", message);
  }
  // A full file is put aside in its directory, too.
  const { directory, writable } = await nearestAbove(path);
  if (writable) return findings.ok(`${path} can be written`);
  const whose = `user ${thisUser()} (${await ownershipOf(directory)})`;
  return findings.fault("archive_closed", `${directory} cannot be written by ${whose}`);
}

/** What is on the way to the file that the output does not pass, such as a link that others can lead elsewhere. */
async function obstacleBefore(path: string): Promise<string | undefined> {
  try {
    const directory = await HeldDirectory.open(dirname(path));
    await directory.close();
    return undefined;
  } catch (thrown) {
    return thrown instanceof NotAFile ? thrown.message : undefined;
  }
}

function mayBeWritten(file: string): Promise<boolean> {
  return access(file, constants.W_OK).then(
    () => true,
    () => false,
  );
}
