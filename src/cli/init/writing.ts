/**
 * Writes what `tallyman init` makes: tokens into files of their own, then the configuration. Nothing is overwritten that
 * nobody agreed to, and a failure takes back what it had written.
 */
import { randomUUID } from "node:crypto";
import { lstatSync, readFileSync, statSync, type Stats } from "node:fs";
import { chmod, mkdir, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { writeNewFile, type NewFile } from "../../platform/files/new-file.ts";
import { first_configuration } from "../../platform/places.ts";
import type { Answers } from "./answers.ts";
import type { Placement, SecretPlace } from "./placement.ts";

/** Everybody may read it: there is no secret in it. */
const config_mode = 0o644;

/** Whether something is there. Throws TallymanError init_refused where it is no file. */
export function isTaken(path: string): boolean {
  const stats = statsOf(path);
  if (stats === undefined) return false;
  if (stats.isFile()) return true;
  const what = stats.isSymbolicLink()
    ? "a symbolic link; name the file that it leads to"
    : "not a regular file";
  throw refused(path, `it is ${what}`);
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw refusedBy(cause as NodeJS.ErrnoException, path);
  }
}

/** Whether the configuration is that of the package, as it came: nothing of anybody's is lost with it. */
export function isAsPackaged(path: string): boolean {
  try {
    return readFileSync(path).equals(readFileSync(first_configuration));
  } catch {
    return false;
  }
}

/** Whether the file holds just this token. */
export function holdsToken({ path }: SecretPlace, token: string): boolean {
  try {
    return readFileSync(path, "utf8").trim() === token;
  } catch {
    return false;
  }
}

/** What would be overwritten, and may not be without a yes. */
export function filesInTheWay({ token }: Pick<Answers, "token">, placement: Placement): string[] {
  const { config, splunk_token } = placement;
  const taken = isTaken(config) && !isAsPackaged(config) ? [config] : [];
  const is_other_token =
    token !== undefined && isTaken(splunk_token.path) && !holdsToken(splunk_token, token);
  return is_other_token ? [...taken, splunk_token.path] : taken;
}

/** Refuses to overwrite files. */
export function inTheWay(files: readonly string[]): TallymanError {
  return refused(
    files.join(" and "),
    "it is there already; give --force to replace it, or --output FILE for another place",
  );
}

/**
 * Writes the files, and gives what it has written, or kept. Throws TallymanError init_refused; then there is nothing
 * that was not there before.
 */
export async function writeFiles(
  answers: Answers,
  placement: Placement,
  { text, replaces }: { text: string; replaces: boolean },
): Promise<string[]> {
  const written: string[] = [];
  const fresh: string[] = [];
  const write = async (file: NewFile): Promise<void> => {
    const was_there = isTaken(file.path);
    try {
      await makeDirectory(dirname(file.path));
      await writeNewFile(file);
    } catch (cause) {
      throw refusedBy(cause as NodeJS.ErrnoException, file.path);
    }
    written.push(file.path);
    if (!was_there) fresh.push(file.path);
  };
  // From here on it is a matter of milliseconds, and Ctrl-C would leave half of it.
  const wait = (): void => undefined;
  process.on("SIGINT", wait);
  try {
    for (const secret of secretsOf(answers, placement, replaces)) await write(secret);
    const { config } = placement;
    await write({
      path: config,
      text,
      mode: config_mode,
      replaces: replaces || isAsPackaged(config),
    });
    return written;
  } catch (cause) {
    for (const path of fresh) await unlink(path).catch(() => undefined);
    throw cause;
  } finally {
    process.off("SIGINT", wait);
  }
}

/** Those that are not there yet, or not as they should be. */
function secretsOf(
  { token, source, kind }: Answers,
  placement: Placement,
  replaces: boolean,
): NewFile[] {
  const secrets: NewFile[] = [];
  const { splunk_token } = placement;
  if (token !== undefined) {
    const is_there = holdsToken(splunk_token, token);
    // The same token is written again where too many may read it.
    if (!is_there || isOpener(splunk_token))
      secrets.push({ ...splunk_token, text: `${token}\n`, replaces: replaces || is_there });
  }
  if (source.kind === "webhook") {
    const place = placement.webhookToken(kind.name);
    // Senders have the one that is there.
    if (!isTaken(place.path)) secrets.push({ ...place, text: `${randomUUID()}\n`, replaces });
  }
  return secrets;
}

/** Whether more users may read the file than should. */
function isOpener({ path, mode }: SecretPlace): boolean {
  return (statSync(path).mode & 0o777 & ~mode) !== 0;
}

/** With modes of their own, where there are none yet: the user of a unit has to go through them. */
async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await chmod(made, 0o755);
}

function refusedBy(cause: NodeJS.ErrnoException, path: string): TallymanError {
  if (cause.code === "EEXIST") return inTheWay([path]);
  const advice =
    cause.code === "EACCES" || cause.code === "EPERM"
      ? "this user may not write there; run it as root, or give --output FILE"
      : messageOf(cause);
  return refused(path, advice);
}

function refused(path: string, why: string): TallymanError {
  return new TallymanError("init_refused", `cannot write ${path}: ${why}`, { file: path });
}
