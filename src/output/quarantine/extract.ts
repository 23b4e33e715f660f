/**
 * Takes selected lines out of the quarantine's files: for good, or into parts of the replay directory.
 *
 * Only who holds the lock of the state directory may do it, and while nothing is appended. File by file, the rename of
 * what stays over the file is the one moment at which its selected lines are gone from it:
 *
 *     replay/…N.quarantine.jsonl.1.moving/audit.jsonl   written and synced
 *     quarantine.jsonl.1.new                            written and synced, and renamed to quarantine.jsonl.1
 *     replay/…N/audit.jsonl                             the part's new name: from now on it is replayed
 *
 * So after a crash a part that is still `.moving` is valid if its lines are gone from the file, and else it is removed.
 */
import { rename, unlink, type FileHandle } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { countIn } from "../../ledger/books.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { syncDirectory } from "../../platform/files/atomic-file.ts";
import { messageOf } from "../../platform/errors.ts";
import { removeOwn } from "../../platform/files/own-file.ts";
import { linesOf, openToRead, quarantineFiles, type QuarantineLine } from "./lines.ts";
import { newPart, partsUnderWay, replayDirectory, type NewPart } from "./replay-parts.ts";
import { CopySource, CopyTarget } from "./copy.ts";
import { contentOf } from "./content.ts";
import { selectionSchema, selector } from "./selection.ts";

/** What becomes of the selected lines. */
export const extraction = z.lazy(() =>
  z.strictObject({
    action: z.enum(["purge", "replay"]),
    selection: selectionSchema,
    /** Whether those are replayed, too, of which only the masked text is there. */
    with_masked: z.boolean(),
  }),
);

export type Extraction = z.infer<typeof extraction>;

/** What was taken out. */
export const extracted = z.lazy(() =>
  z.object({
    events: z.number(),
    bytes: z.number(),
    events_by_input: z.record(z.string(), z.number()),
    /** Selected, but left where they are because they cannot be replayed, by why. */
    left: z.object({ masked: z.number(), no_text: z.number() }),
    /** Why it ended early, where it did. What was taken out before is counted above. */
    trouble: z.string().optional(),
  }),
);

export type Extracted = z.infer<typeof extracted>;

/** Takes out what is selected. Never rejects: see `trouble`. */
export async function extract(directory: string, what: Extraction): Promise<Extracted> {
  const done: Extracted = {
    events: 0,
    bytes: 0,
    events_by_input: {},
    left: { masked: 0, no_text: 0 },
  };
  try {
    await recoverExtraction(directory);
    for (const path of quarantineFiles(directory)) {
      const file = await openToRead(path);
      if (file === undefined) continue;
      try {
        await new FileExtractor({ directory, what, path, file }).run(done);
      } finally {
        await file.close();
      }
    }
  } catch (cause) {
    done.trouble = messageOf(cause);
    await recoverExtraction(directory).catch(() => undefined);
  }
  return done;
}

/** Books what was removed from quarantine for good. A gap event reports it to Splunk. */
export function bookRemoved(
  ledger: Ledger,
  reason: "quarantine_full" | "quarantine_purged",
  { events_by_input }: Pick<Extracted, "events_by_input">,
): void {
  for (const [input, count] of Object.entries(events_by_input)) {
    ledger.removeFromQuarantine(input, reason, count);
  }
}

/** Ends what a crash has left half done, one way or the other. Rejects with the system's error. */
export async function recoverExtraction(directory: string): Promise<void> {
  for (const part of await partsUnderWay(replayDirectory(directory))) {
    const first = await part.firstId();
    const is_left = first === undefined || (await holds(join(directory, part.file), first));
    if (is_left) await part.remove();
    else await part.publish();
  }
  for (const path of quarantineFiles(directory)) await removeOwn(`${path}.new`);
}

async function holds(path: string, id: string): Promise<boolean> {
  const file = await openToRead(path);
  if (file === undefined) return false;
  try {
    for await (const lines of linesOf(file)) if (lines.some((line) => line.id === id)) return true;
    return false;
  } finally {
    await file.close();
  }
}

/** Neighbouring lines that go the same way: to another file, or nowhere. */
interface Run {
  start: number;
  end: number;
  target: CopyTarget | undefined;
}

interface ExtractionWork {
  directory: string;
  what: Extraction;
  path: string;
  file: FileHandle;
}

class FileExtractor {
  readonly #work: ExtractionWork;
  readonly #source: CopySource;
  /** The same file: what is looked at is ahead of what is copied. */
  readonly #looked_at: CopySource;
  readonly #isSelected: (line: QuarantineLine) => boolean;
  /** What stays. Made when the first line goes: most often none does. */
  readonly #rest: CopyTarget;
  #part: NewPart | undefined;
  #run: Run;
  readonly #counts = { events: 0, bytes: 0, by_input: new Map<string, number>() };

  constructor(work: ExtractionWork) {
    this.#work = work;
    this.#source = new CopySource(work.file);
    this.#looked_at = new CopySource(work.file);
    this.#isSelected = selector(work.what.selection);
    this.#rest = new CopyTarget(`${work.path}.new`);
    this.#run = { start: 0, end: 0, target: this.#rest };
  }

  /** Adds to `done` what was taken out, once it is. */
  async run(done: Extracted): Promise<void> {
    try {
      for await (const lines of linesOf(this.#work.file)) {
        for (const line of lines) await this.#put(line, await this.#targetOf(line, done));
      }
      if (this.#counts.events > 0) await this.#commit();
    } finally {
      await this.#rest.discard();
      await this.#part?.discard();
    }
    const { events, bytes, by_input } = this.#counts;
    done.events += events;
    done.bytes += bytes;
    for (const [input, count] of by_input) {
      done.events_by_input[input] = countIn(done.events_by_input, input) + count;
    }
  }

  async #targetOf(line: QuarantineLine, done: Extracted): Promise<CopyTarget | undefined> {
    const { directory, what, path } = this.#work;
    if (!this.#isSelected(line)) return this.#rest;
    if (what.action === "purge") return undefined;
    const { details } = line;
    const replayable = (await this.#isReadable(line)) ? line.replayable : "no_text";
    if (replayable === "no_text" || (replayable === "masked" && !what.with_masked)) {
      done.left[replayable] += 1;
      return this.#rest;
    }
    this.#part ??= await newPart(replayDirectory(directory), basename(path));
    return this.#part.targetOf(details!.input);
  }

  /** Whether it can be read once it is replayed: there it would hold up all behind it. */
  async #isReadable({ replayable, start, end }: QuarantineLine): Promise<boolean> {
    if (replayable === "no_text") return false;
    return contentOf(await this.#looked_at.readAll(start, end)) !== undefined;
  }

  async #put(line: QuarantineLine, target: CopyTarget | undefined): Promise<void> {
    if (target !== this.#rest) {
      this.#counts.events += 1;
      this.#counts.bytes += line.end - line.start;
      const input = line.details?.input;
      if (input !== undefined) {
        this.#counts.by_input.set(input, (this.#counts.by_input.get(input) ?? 0) + 1);
      }
    }
    if (target !== this.#run.target) {
      await this.#copy();
      this.#run = { start: line.start, end: line.end, target };
    }
    this.#run.end = line.end;
  }

  async #commit(): Promise<void> {
    await this.#copy();
    const { file, path } = this.#work;
    const { size } = await file.stat();
    // A last line that a crash has cut short stays, whatever it is.
    await this.#rest.append(this.#source, this.#run.end, size);
    await this.#part?.sync();
    if (this.#rest.bytes === 0) await unlink(path);
    else {
      await this.#rest.sync();
      await rename(this.#rest.path, path);
    }
    await syncDirectory(this.#work.directory);
    await this.#part?.publish();
  }

  async #copy(): Promise<void> {
    const { start, end, target } = this.#run;
    await target?.append(this.#source, start, end);
  }
}
