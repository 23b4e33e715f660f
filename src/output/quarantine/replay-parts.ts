/**
 * The parts in the replay directory: events that were taken out of quarantine, and wait to go through the chain again.
 *
 *     quarantine/replay/000000000007/audit.jsonl     one directory for what came of one file, one file an input
 *
 * Parts are numbered in the order in which they are to be replayed.
 */
import { mkdir, readdir, rename, rm, rmdir, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { syncDirectory } from "../../platform/files/atomic-file.ts";
import { linesOf, openToRead } from "./lines.ts";
import { CopyTarget } from "./copy.ts";

const directory_mode = 0o700;
const number_digits = 12;
const part_suffix = ".jsonl";
const part_name = /^\d{12}$/;
const moving_name = /^(\d{12})\.(quarantine\.jsonl(?:\.\d)?)\.moving$/;

/** One file of a part: the events of one input. */
export interface ReplayPart {
  readonly input: string;
  /** Relative to the replay directory: by what the ledger knows it. */
  readonly name: string;
  readonly path: string;
}

/** The replay directory of the quarantine in `directory`. */
export function replayDirectory(directory: string): string {
  return join(directory, "replay");
}

/** All that waits to be replayed, in order. */
export async function replayParts(directory: string): Promise<ReplayPart[]> {
  const parts: ReplayPart[] = [];
  for (const number of (await namesIn(directory)).filter((name) => part_name.test(name)).sort()) {
    const files = await namesIn(join(directory, number));
    for (const file of files.filter((name) => name.endsWith(part_suffix)).sort()) {
      const input = file.slice(0, -part_suffix.length);
      parts.push({ input, name: `${number}/${file}`, path: join(directory, number, file) });
    }
  }
  return parts;
}

/** Bytes of all that waits to be replayed, or is replayed and not removed yet. */
export async function bytesToReplay(directory: string): Promise<number> {
  let bytes = 0;
  for (const { path } of await replayParts(directory)) {
    // It may be removed meanwhile.
    bytes += (await stat(path).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}

/** Removes a part that is replayed. */
export async function removePart(directory: string, { name, path }: ReplayPart): Promise<void> {
  await rm(path, { force: true });
  const number = name.slice(0, number_digits);
  // Where the part has files of other inputs it stays.
  await rmdir(join(directory, number)).catch(() => undefined);
}

/** A part that is being made. */
export class NewPart {
  readonly #path: string;
  readonly #final: string;
  readonly #targets = new Map<string, CopyTarget>();
  #state: "open" | "synced" = "open";

  constructor(path: string, final: string) {
    this.#path = path;
    this.#final = final;
  }

  targetOf(input: string): CopyTarget {
    let target = this.#targets.get(input);
    if (target === undefined) {
      target = new CopyTarget(join(this.#path, `${input}${part_suffix}`));
      this.#targets.set(input, target);
    }
    return target;
  }

  async sync(): Promise<void> {
    for (const target of this.#targets.values()) await target.sync();
    await syncDirectory(this.#path);
    this.#state = "synced";
  }

  async publish(): Promise<void> {
    await rename(this.#path, this.#final);
    await syncDirectory(join(this.#final, ".."));
  }

  /** Removes what is not synced; what is, is judged by the next start. Never rejects. */
  async discard(): Promise<void> {
    for (const target of this.#targets.values()) await target.discard();
    if (this.#state === "open") await rmdir(this.#path).catch(() => undefined);
  }
}

/** A part of lines of the quarantine's file of this name. */
export async function newPart(directory: string, file: string): Promise<NewPart> {
  const made = await mkdir(directory, { recursive: true, mode: directory_mode });
  if (made !== undefined) await syncDirectory(join(directory, ".."));
  const numbers = (await namesIn(directory)).map((name) => Number.parseInt(name, 10));
  const last = numbers.reduce((most, number) => (number > most ? number : most), 0);
  const number = String(last + 1).padStart(number_digits, "0");
  const path = join(directory, `${number}.${file}.moving`);
  await mkdir(path, { mode: directory_mode });
  return new NewPart(path, join(directory, number));
}

/** A part whose making a crash has ended. */
export interface PartUnderWay {
  /** The name of the quarantine's file that its lines are of. */
  readonly file: string;
  /** The id of one of its lines; undefined where there is none. */
  firstId(): Promise<string | undefined>;
  publish(): Promise<void>;
  remove(): Promise<void>;
}

export async function partsUnderWay(directory: string): Promise<PartUnderWay[]> {
  return (await namesIn(directory)).sort().flatMap((name): PartUnderWay[] => {
    const [, number, file] = moving_name.exec(name) ?? [];
    if (number === undefined || file === undefined) return [];
    const path = join(directory, name);
    return [
      {
        file,
        firstId: () => firstIdIn(path),
        publish: () => new NewPart(path, join(directory, number)).publish(),
        remove: () => rm(path, { recursive: true }),
      },
    ];
  });
}

async function firstIdIn(path: string): Promise<string | undefined> {
  for (const name of await namesIn(path)) {
    const file = await openToRead(join(path, name));
    if (file === undefined) continue;
    try {
      const id = await firstIdOf(file);
      if (id !== undefined) return id;
    } finally {
      await file.close();
    }
  }
  return undefined;
}

/** The id of its first line: a number can come again, when all parts are replayed, but no line does. */
export async function firstIdOf(file: FileHandle): Promise<string | undefined> {
  for await (const [line] of linesOf(file)) if (line !== undefined) return line.id;
  return undefined;
}

/** Nothing where there is no such directory. */
async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw cause;
  }
}
