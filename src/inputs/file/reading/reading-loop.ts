/**
 * The reading loop: files with something to read take turns, one block a turn.
 *
 * The read for the next turn is in progress, in the thread pool, while the intake has the last turn's block.
 */
import type { Block } from "../../../event/block.ts";
import type { Intake } from "../../input.ts";
import { untilAborted } from "../../../platform/patience.ts";
import { errorCode, isGone } from "../discovery/file-access.ts";
import { CompressedTurns } from "./compressed-turn.ts";
import type { FileReader } from "./file-reader.ts";
import { deliver, type Turn } from "./turn.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import type { FileInputContext } from "../files/context.ts";
import {
  type Ending,
  reportEncoding,
  reportEnding,
  reportMembers,
  reportMisfit,
  reportNuls,
  reportTouched,
} from "../files/losses.ts";

/** A turn that was taken and has not landed yet. */
interface Taken {
  readonly file: FollowedFile;
  readonly result: (Turn & { ending?: Ending }) | "moved" | { readonly error: unknown };
}

export class ReadingLoop {
  readonly #context: FileInputContext;
  readonly #reader: FileReader;
  readonly #intake: Intake;
  readonly #compressed: CompressedTurns;
  /** Files with something to read, the next one first. */
  readonly #ready = new Set<FollowedFile>();
  readonly #stop: AbortSignal;
  #wake: (() => void) | undefined;
  #waiting_since_ms: number | undefined;
  /** Whether it was logged that the framing does not fit. */
  #is_misfit_reported = false;
  #done: Promise<void> = Promise.resolve();

  constructor(context: FileInputContext, reader: FileReader, intake: Intake) {
    this.#context = context;
    this.#reader = reader;
    this.#intake = intake;
    const { max_event_bytes } = context.options;
    const isGoingOn = (file: FollowedFile): boolean => file.busy || this.#ready.has(file);
    this.#compressed = new CompressedTurns(reader, max_event_bytes, isGoingOn);
    this.#stop = context.stop;
  }

  /** Resolves when the loop has ended after a stop. */
  get done(): Promise<void> {
    return this.#done;
  }

  /** Since when nothing more is taken of it, milliseconds since the epoch; undefined while it is. */
  get waiting_since_ms(): number | undefined {
    return this.#waiting_since_ms;
  }

  start(): void {
    this.#done = this.#run().finally(() => this.#compressed.closeAll());
  }

  /** Says that there may be something to read in the file. */
  wake(file: FollowedFile): void {
    file.dirty = true;
    file.rests = false;
    if (!file.busy) this.#ready.add(file);
    this.#wake?.();
  }

  async #run(): Promise<void> {
    let ahead: Promise<Taken> | undefined;
    await this.#waitForRoom();
    while (!this.#stop.aborted) {
      ahead ??= this.#begin();
      if (ahead === undefined) {
        this.#intake.idle();
        await this.#nextWake();
        continue;
      }
      const taken = await ahead;
      ahead = undefined;
      // What was read is read again by whoever comes after the stop.
      if (this.#stop.aborted) return;
      const block = this.#land(taken);
      ahead = this.#begin();
      const backpressure = block && this.#intake.accept(block);
      if (backpressure !== undefined) await this.#wait(backpressure);
    }
    await ahead;
  }

  /** What was read before in this input's place may be as much as the intake takes. */
  async #waitForRoom(): Promise<void> {
    while (!this.#stop.aborted) {
      const room = this.#intake.room(this.#context.input);
      if (room === undefined) return;
      await untilAborted(room, this.#stop);
    }
  }

  async #wait(backpressure: Promise<void>): Promise<void> {
    this.#waiting_since_ms = this.#context.clock.now();
    await untilAborted(backpressure, this.#stop);
    this.#waiting_since_ms = undefined;
  }

  async #nextWake(): Promise<void> {
    if (this.#ready.size > 0 || this.#stop.aborted) return;
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    await untilAborted(woken, this.#stop);
    this.#wake = undefined;
  }

  /** Begins the turn of the next file that has one. */
  #begin(): Promise<Taken> | undefined {
    for (const file of this.#ready) {
      if (this.#waits(file)) continue;
      this.#ready.delete(file);
      if (file.readable) return this.#take(file);
    }
    return undefined;
  }

  /**
   * Whether the file that it took the place of is read first, so that a log that is rotated keeps its order. It
   * does not wait for one that is read as fast as it grows, or that cannot be read.
   */
  #waits(file: FollowedFile): boolean {
    const { predecessor, identity } = file;
    if (identity.packed !== undefined) return this.#compressed.waits(file);
    if (predecessor === undefined) return false;
    if (predecessor.state === "finished" || predecessor.state === "retired") {
      // Where it left off is asked when the first bytes are there.
      if (file.offset > 0) file.predecessor = undefined;
      return false;
    }
    if (!predecessor.readable || !this.#ready.has(predecessor)) return false;
    return !predecessor.at_end && predecessor.trouble === undefined;
  }

  /** One turn. The file stays busy until it has landed. Never rejects. */
  async #take(file: FollowedFile): Promise<Taken> {
    file.busy = true;
    file.dirty = false;
    try {
      const { open_files } = this.#context;
      // Of an open file the read begins within this call: a block is processed in one go, and nothing would begin before its end.
      const descriptor = open_files.opened(file) ?? (await open_files.open(file));
      if (descriptor === undefined) return { file, result: "moved" };
      const { packed } = file.identity;
      const result =
        packed === undefined
          ? await this.#reader.turn(file, descriptor)
          : await this.#compressed.turn(file, descriptor, packed);
      return { file, result };
    } catch (error) {
      this.#compressed.close(file);
      await this.#context.open_files.close(file);
      return { file, result: { error } };
    }
  }

  /** Books what a turn came to, and gives the block to deliver. */
  #land({ file, result }: Taken): Block | undefined {
    file.busy = false;
    if (result === "moved") {
      // Its path leads elsewhere by now; a survey finds out where it went.
      this.#compressed.close(file);
      this.#context.requestSurvey();
      return undefined;
    }
    if ("error" in result) {
      this.#fail(file, result.error);
      return undefined;
    }
    this.#report(file, result);
    if (result.first !== undefined) this.wake(result.first);
    if (result.more || file.dirty) this.wake(file);
    return result.portion && deliver(file, result.portion);
  }

  #report(file: FollowedFile, turn: Turn & { ending?: Ending }): void {
    const { log, input } = this.#context;
    const { path } = file.identity;
    if (file.trouble !== undefined) {
      file.trouble = undefined;
      log.info("file_readable", { input, path }, "File can be read again.");
    }
    reportNuls(this.#context, file, turn.nul_bytes);
    reportMembers(this.#context, file, turn.members);
    reportEncoding(this.#context, file);
    if (file.misfit !== undefined && !this.#is_misfit_reported) {
      this.#is_misfit_reported = true;
      reportMisfit(this.#context, file);
    }
    if (file.is_touched && turn.kind === "read" && turn.portion === undefined && !turn.more) {
      reportTouched(this.#context, file);
    }
    file.set("is_touched", false);
    // The survey may have come to know more while the turn was in progress.
    if (!file.readable) return;
    if (turn.kind === "truncated" || file.was_rewritten) {
      file.was_rewritten = false;
      file.state = "truncated";
      this.#compressed.close(file);
      this.#context.requestSurvey();
    } else if (turn.kind === "finished" && file.state === "leaving") {
      file.state = "finished";
      file.finishing = false;
      if (turn.ending !== undefined) {
        reportEnding(this.#context, file, turn.ending);
        this.#compressed.close(file);
      }
      this.#context.requestSurvey();
    }
  }

  #fail(file: FollowedFile, error: unknown): void {
    const { log, input } = this.#context;
    if (isGone(error)) {
      this.#context.requestSurvey();
      return;
    }
    const code = errorCode(error);
    if (file.trouble === code) return;
    file.trouble = code;
    const { path } = file.identity;
    log.warn("file_unreadable", { input, path, error: code }, "File cannot be read. Trying again.");
  }
}
