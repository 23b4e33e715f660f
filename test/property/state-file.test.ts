/**
 * Property: whatever the disk does, and whenever the process is killed or the power is cut, the state file is that of one moment:
 * of the last write that was reported as done, or of one that was begun after it. It is never refused for what a crash leaves.
 */
import fc from "fast-check";
import { expect } from "vitest";
import { Ledger } from "../../src/ledger/ledger.ts";
import { StateFile } from "../../src/ledger/state-file.ts";
import type { StateLogFiles } from "../../src/ledger/state-log.ts";
import { sampled } from "../support/effort.ts";
import { FaultyFiles } from "../support/files/faulty-files.ts";

const directory = "/state";

/** What may happen. Numbers choose among what is there. */
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("move" as const), pick: fc.nat(99) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("open" as const), size: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const), pick: fc.nat(99) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("save" as const), moves: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("fail" as const),
      after: fc.nat(8),
      codes: fc.array(fc.constantFrom("EIO", "ENOSPC", "EROFS"), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("space" as const), bytes: fc.nat(9000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("crash" as const),
      after: fc.nat(12),
      moves: fc.nat(9),
      power_is_lost: fc.boolean(),
    }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** Where every stream is, and what the books say: every event moves a stream by one. */
interface Moment {
  readonly places: Readonly<Record<string, number>>;
  readonly delivered: number;
}

class Model {
  #files = new FaultyFiles();
  #ledger = this.#noted(new Ledger());
  #file: StateFile;
  /** All that was to be written since the last write that was done, and that one. */
  #attempts: Moment[] = [{ places: {}, delivered: 0 }];

  readonly #chance: () => number;

  constructor(chance: () => number) {
    this.#chance = chance;
    this.#file = this.#open();
  }

  async run(happenings: readonly Happening[]): Promise<void> {
    await this.#files.makeDirectory(directory);
    for (const each of happenings) await this.#happen(each);
    await this.#happen({ kind: "crash", after: 5, moves: 3, power_is_lost: true });
  }

  async #happen(each: Happening): Promise<void> {
    const ledger = this.#ledger;
    const streams = ledger.streams();
    if (each.kind === "open") ledger.openStream("a", { padding: "x".repeat(each.size) }, 0);
    else if (each.kind === "move") this.#move(each.pick);
    else if (each.kind === "forget" && streams.length > 0) {
      ledger.forget(streams[each.pick % streams.length]!);
    } else if (each.kind === "fail") {
      this.#files.faults = [...Array<undefined>(each.after), ...each.codes];
    } else if (each.kind === "space") this.#files.space_bytes = each.bytes;
    else if (each.kind === "save") await this.#save(each.moves);
    else if (each.kind === "crash") await this.#crash(each);
  }

  #move(pick: number): void {
    const streams = this.#ledger.streams();
    const stream = streams[pick % Math.max(1, streams.length)];
    if (stream === undefined) return;
    const receipt = stream.open(1, 10, (stream.checkpoint as number) + 1);
    receipt.settle(this.#ledger.account("delivered", "splunk"), 1);
  }

  /** With moves while the state is written. */
  async #save(moves: number): Promise<void> {
    const saving = this.#saveOnce();
    for (let move = 0; move < moves; move += 1) {
      await Promise.resolve();
      this.#move(move);
    }
    await Promise.race([saving, new Promise(setImmediate)]);
  }

  async #saveOnce(): Promise<void> {
    try {
      await this.#file.save(this.#ledger);
    } catch (cause) {
      expect((cause as NodeJS.ErrnoException).code).toMatch(/^E/);
      return;
    }
    this.#attempts = this.#attempts.slice(-1);
  }

  async #crash({ after, moves, power_is_lost }: Happening & { kind: "crash" }): Promise<void> {
    this.#files.calls_left = after;
    await this.#save(moves);
    const before = this.#files;
    this.#files = power_is_lost ? before.crashed(this.#chance) : before.killed();
    this.#file = this.#open();
    const state = await this.#file.restore();
    const found = {
      places: Object.fromEntries(
        (state?.streams ?? []).map(({ id, checkpoint }) => [id, checkpoint]),
      ),
      delivered: state?.inputs["a"]?.delivered["splunk"] ?? 0,
    };
    expect(this.#attempts).toContainEqual(found);
    this.#ledger = this.#noted(new Ledger(state));
    this.#attempts = [found as Moment];
  }

  #open(): StateFile {
    const files = this.#files;
    const seam: StateLogFiles = {
      openToRead: (path) => files.open(path),
      open: (path) => files.open(path),
      create: (path) => files.create(path),
      truncate: (path, length) => files.truncate(path, length),
      rename: (path, other) => files.rename(path, other),
      remove: (path) => files.remove(path),
      changedMs: () => Promise.resolve(Date.now()),
      syncDirectory: (path) => files.syncDirectory(path),
    };
    return new StateFile(directory, undefined, { files: seam, whole_from_bytes: 3000 });
  }

  /** Has it noted of which moment a write is: that at which it asks the ledger for what has changed. */
  #noted(ledger: Ledger): Ledger {
    const changes = ledger.changes.bind(ledger);
    ledger.changes = () => {
      this.#attempts.push(momentOf(ledger));
      return changes();
    };
    return ledger;
  }
}

function momentOf(ledger: Ledger): Moment {
  const places = ledger.streams().map(({ id, checkpoint }) => [id, checkpoint as number]);
  const delivered = ledger.books().inputs["a"]?.delivered["splunk"] ?? 0;
  return { places: Object.fromEntries(places) as Moment["places"], delivered };
}

sampled(
  ({ runs }) => `state file - is that of one moment after any of ${runs} lives`,
  { sample: { runs: 80 }, all: { runs: 20_000 } },
  async ({ runs }) => {
    const lives = fc.tuple(
      fc.array(happening, { maxLength: 60 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
    );
    await fc.assert(
      fc.asyncProperty(lives, async ([happenings, chances]) => {
        await new Model(() => chances.next().value as number).run(happenings);
      }),
      { numRuns: runs },
    );
  },
);
