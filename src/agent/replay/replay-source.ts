/**
 * The source of what was taken out of quarantine: each event goes through the chain of the input that it came from, as
 * if that had just read it, and is booked there, as received again and as replayed.
 *
 * Each part is a stream of its own, read and checkpointed like a file, and removed when the written state is past it.
 */
import { constants } from "node:fs";
import { z } from "zod";
import type { Ledger } from "../../ledger/ledger.ts";
import type { StreamLedger } from "../../ledger/stream-ledger.ts";
import { recoverExtraction } from "../../output/quarantine/extract.ts";
import {
  firstIdOf,
  removePart,
  replayDirectory,
  replayParts,
  type ReplayPart,
} from "../../output/quarantine/replay-parts.ts";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { openOwn } from "../../platform/files/own-file.ts";
import { Bell } from "../../platform/patience.ts";
import { ReplayReader, type ReplayOrigin, type ReplayedInto } from "./replay-reader.ts";
import type { Source } from "../sources/source.ts";

const replayIdentity = z.lazy(() =>
  z.object({
    kind: z.literal("replay"),
    part: z.string(),
    /** The id of its first line, since another part may come to have the same name. */
    first: z.string().optional(),
  }),
);
const replayCheckpoint = z.lazy(() => z.object({ offset: z.number().int().nonnegative() }));

export interface ReplaySourceDeps {
  /** The quarantine's. */
  directory: string;
  ledger: Ledger;
  log: Logger;
  /** Rejects where it cannot be made. */
  wayOf: (input: string) => Promise<ReplayWay>;
}

/** Where the events of an input go, and what they have where the quarantine does not say. */
export interface ReplayWay {
  readonly intake: ReplayedInto;
  readonly origin: ReplayOrigin;
}

/** A part that is being replayed, or is and waits to be removed. */
interface Replay {
  readonly part: ReplayPart;
  readonly stream: StreamLedger;
  /** Where it ends; undefined until it is read. */
  end: number | undefined;
  state: "unread" | "read" | "removing";
}

export class ReplaySource implements Source {
  /** When all is read that waited at the start. */
  readonly ended: Promise<void>;
  readonly #deps: ReplaySourceDeps;
  readonly #directory: string;
  readonly #stopping = new AbortController();
  readonly #first_end = Promise.withResolvers<void>();
  /** By the part's name. */
  readonly #replays = new Map<string, Replay>();
  /** Parts that cannot be read; they are left for the next start. */
  readonly #unreadable = new Set<string>();
  readonly #woken = new Bell();
  #done: Promise<void> = Promise.resolve();
  #current: Promise<void> | undefined;
  /** Removals in progress. */
  #removing: Promise<void> = Promise.resolve();

  constructor(deps: ReplaySourceDeps) {
    this.#deps = deps;
    this.#directory = replayDirectory(deps.directory);
    this.ended = this.#first_end.promise;
  }

  /** Ends what a crash has left half done in the quarantine, so it comes before anything is put there. */
  async start(): Promise<void> {
    try {
      await recoverExtraction(this.#deps.directory);
      await this.#restore();
    } catch (cause) {
      const { directory } = this.#deps;
      const message = `cannot read what is to be replayed in ${directory}: ${messageOf(cause)}`;
      throw new TallymanError("state_unwritable", message, { file: directory }, { cause });
    }
    this.#done = this.#run();
  }

  /** The end of the part that is being replayed, of which an event may be in a former chain; undefined where none is. Never rejects. */
  get current(): Promise<void> | undefined {
    return this.#current;
  }

  /** Looks for new parts. */
  wake(): void {
    this.#woken.ring();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#done;
  }

  async close(): Promise<void> {
    await this.#removing;
  }

  #add(part: ReplayPart, stream: StreamLedger): Replay {
    const replay: Replay = { part, stream, end: undefined, state: "unread" };
    this.#replays.set(part.name, replay);
    stream.onSaved = (checkpoint) => {
      if (replay.state !== "read" || offsetIn(checkpoint) !== replay.end) return;
      replay.state = "removing";
      this.#removing = this.#removing.then(() => this.#remove(replay));
    };
    return replay;
  }

  /** Goes on with the parts of an earlier run, and forgets those that are gone. */
  async #restore(): Promise<void> {
    const { ledger } = this.#deps;
    const parts = new Map((await replayParts(this.#directory)).map((part) => [part.name, part]));
    for (const stream of ledger.streams()) {
      const identity = replayIdentity.safeParse(stream.identity);
      if (!identity.success) continue;
      const part = parts.get(identity.data.part);
      if (part === undefined) ledger.forget(stream);
      else this.#add(part, stream);
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      const woken = this.#woken.rung();
      await this.#replayAll();
      this.#first_end.resolve();
      if (signal.aborted) return;
      await woken;
    }
  }

  async #replayAll(): Promise<void> {
    const { signal } = this.#stopping;
    try {
      for (const part of await replayParts(this.#directory)) {
        if (signal.aborted) return;
        if (!this.#isNew(part)) continue;
        this.#current = this.#replay(part).catch((cause: unknown) => this.#failed(part, cause));
        await this.#current;
        this.#current = undefined;
      }
    } catch (cause) {
      const error = messageOf(cause);
      this.#deps.log.error(
        "replay_unlistable",
        { error },
        "The events to be replayed cannot be read. Trying again at the next replay or start.",
      );
    }
  }

  #isNew({ name }: ReplayPart): boolean {
    const { state } = this.#replays.get(name) ?? { state: "unread" };
    return state === "unread" && !this.#unreadable.has(name);
  }

  async #replay(part: ReplayPart): Promise<void> {
    const { ledger, log, wayOf } = this.#deps;
    const { input } = part;
    const { intake, origin } = await wayOf(input);
    const file = await openOwn(part.path, constants.O_RDONLY);
    try {
      const replay = this.#opened(part, await firstIdOf(file));
      const { stream } = replay;
      const reader = new ReplayReader({ file, input, origin, stream, intake });
      const { events, end } = await reader.run(
        offsetIn(stream.checkpoint) ?? 0,
        this.#stopping.signal,
      );
      intake.idle();
      if (end === undefined) return;
      replay.end = end;
      replay.state = "read";
      log.info("replay_started", { input, events }, "Replaying events from quarantine.");
      // It may have been at its end before.
      ledger.changed();
    } finally {
      await file.close();
    }
  }

  /** The part with the stream that an earlier run has begun for it, or a new one. */
  #opened(part: ReplayPart, first: string | undefined): Replay {
    const { ledger } = this.#deps;
    const { input, name } = part;
    const known = this.#replays.get(name);
    if (known !== undefined && replayIdentity.parse(known.stream.identity).first === first) {
      return known;
    }
    if (known !== undefined) ledger.forget(known.stream);
    const stream = ledger.openStream(input, { kind: "replay", part: name, first }, { offset: 0 });
    return this.#add(part, stream);
  }

  #failed({ input, name, path }: ReplayPart, cause: unknown): void {
    this.#unreadable.add(name);
    this.#deps.log.error(
      "replay_failed",
      { input, file: path, error: messageOf(cause) },
      "Events cannot be replayed. They are kept, and tried again at the next start.",
    );
  }

  async #remove({ part, stream }: Replay): Promise<void> {
    try {
      await removePart(this.#directory, part);
      this.#deps.ledger.forget(stream);
      this.#replays.delete(part.name);
    } catch (cause) {
      // The next start finds it at its end, and removes it.
      this.#deps.log.warn(
        "replay_unremovable",
        { file: part.path, error: messageOf(cause) },
        "A file of replayed events cannot be removed.",
      );
    }
  }
}

function offsetIn(checkpoint: unknown): number | undefined {
  return replayCheckpoint.safeParse(checkpoint).data?.offset;
}
