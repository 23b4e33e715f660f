/**
 * Seals what is delivered, while the agent runs: has events hashed as they are encoded, makes seals in time, and sends them.
 *
 * A seal goes through four places: it is made in memory, with what it takes out of what is unsealed; it is in the written state;
 * it is in the journal; and it is out of the state again. After a crash it goes on from the last of them.
 */
import { messageOf } from "../../platform/errors.ts";
import { version } from "../../platform/version.ts";
import { noteOf } from "../../proof/format/notes.ts";
import { sealText, type Seal } from "../../proof/format/seal.ts";
import { ProofKeys } from "../../proof/keys/proof-keys.ts";
import type { ProofOptions } from "../../proof/options.ts";
import { nameOf, readKept, type WrittenSeal } from "../../proof/sealing/kept.ts";
import { Mirror } from "../../proof/sealing/mirror.ts";
import { SealMaker } from "../../proof/sealing/seal-maker.ts";
import { Unsealed } from "../../proof/sealing/unsealed.ts";
import type { StateSaver } from "../../ledger/state-saver.ts";
import type { Numbering } from "../lanes/numbering.ts";
import { formerRun } from "./ended-lanes.ts";
import { sealedBooks } from "./sealed-books.ts";
import { SealsJournal, type SealsJournalDeps } from "./seals-journal.ts";

/** How often it is looked whether a seal is due. */
const look_interval_ms = 1000;
/** Seals that are not sent yet, beyond which an idle agent makes no more: in a long outage the next one says it all. */
const unread_max = 3000;

export interface ProofDeps extends SealsJournalDeps {
  saver: Pick<StateSaver, "write">;
}

export class Proof {
  readonly #deps: ProofDeps;
  readonly #journal: SealsJournal;
  readonly #unsealed: Unsealed;
  readonly #mirror: Mirror;
  readonly #stopping = new AbortController();
  #keys: ProofKeys | undefined;
  #maker: SealMaker | undefined;
  /** Those that the journal may not have yet. */
  #written: WrittenSeal[] = [];
  /** Whether the state file has all of them. */
  #is_saved = true;
  /** What the next look is to seal, with pieces that were ended before, so that they are delivered meanwhile. */
  #due: Seal["why"] | undefined;
  #running: Promise<void> = Promise.resolve();

  /**
   * Has events numbered from now on, and sealed where that is configured. Comes before any event. Throws TallymanError
   * proof_keys_missing, proof_keys_unusable or state_unwritable.
   */
  static async begin(deps: ProofDeps, numbering: Numbering): Promise<Proof> {
    const proof = new Proof(deps);
    const setup = deps.setup();
    if (proof.#options.enabled) proof.#keys = await ProofKeys.load(setup.config.state_dir);
    await numbering.start(setup, () => proof.#restore());
    return proof;
  }

  private constructor(deps: ProofDeps) {
    const { ledger, clock, log } = deps;
    this.#deps = deps;
    this.#journal = new SealsJournal(deps);
    this.#mirror = new Mirror({ clock, log });
    const granularity = (): ProofOptions["granularity"] => this.#options.granularity;
    this.#unsealed = new Unsealed({ keeper: ledger.kept, granularity });
  }

  /** Goes on where the state file is. The epoch must have begun, and nothing be written since. */
  #restore(): void {
    const { ledger } = this.#deps;
    const kept = readKept(ledger.kept);
    this.#written = kept.seals;
    if (this.#keys === undefined) return;
    this.#unsealed.restore(kept, formerRun(ledger));
    const own = { signer: this.#keys, chain: kept.chain };
    this.#maker = new SealMaker(ledger.kept, this.#unsealed, own);
    ledger.onTake = () => this.#unsealed.keep();
    ledger.lanes.watch = {
      opened: (lane) => {
        lane.recorder = this.#unsealed.opened(lane);
      },
      committed: (lane, count, holes) => {
        this.#unsealed.committed(lane, lane.committed - count, holes);
      },
      left: (lanes) => this.#unsealed.left(lanes),
    };
  }

  /** Comes after the outputs are there. Throws TallymanError state_unwritable. */
  async start(): Promise<void> {
    if (this.#maker === undefined && this.#written.length === 0) return;
    await this.#journal.start();
    this.#running = this.#run();
  }

  /** Says that another configuration is in force. */
  reloaded(): void {
    this.#due = "reload";
  }

  /** Seals what is delivered. Comes when nothing more is, before the outputs are closed. Never rejects. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#unsealed.cut();
    await this.#sealFull(() => true);
    await this.#seal("stop");
    await this.#journal.stop();
    await this.#mirror.done();
  }

  async close(): Promise<void> {
    await this.#journal.close();
  }

  get #options(): ProofOptions {
    return this.#deps.setup().config.proof;
  }

  /** Until it stops. Never rejects. */
  async #run(): Promise<void> {
    const { clock } = this.#deps;
    const { signal } = this.#stopping;
    await this.#seal("start");
    let sealed_ms = clock.monotonic();
    while (!signal.aborted) {
      await clock.sleep(look_interval_ms, signal);
      if (signal.aborted) return;
      const due = this.#due;
      if (due !== undefined) {
        this.#due = undefined;
        sealed_ms = clock.monotonic();
        await this.#seal(due);
      } else if (clock.monotonic() - sealed_ms >= this.#options.interval - look_interval_ms) {
        this.#due = "interval";
        this.#unsealed.cut();
      }
      await this.#sealFull(() => !signal.aborted);
      await this.#ship();
      const { mirror } = this.#options;
      if (mirror !== undefined) this.#mirror.write(mirror);
    }
  }

  /** Makes seals while there is more than one can take. Never rejects. */
  async #sealFull(goesOn: () => boolean): Promise<void> {
    while (this.#maker?.has_more === true && goesOn()) {
      if (!(await this.#seal("size"))) break;
    }
  }

  /** Says whether a seal was made and is on its way. Never rejects. */
  async #seal(why: Seal["why"]): Promise<boolean> {
    const maker = this.#maker;
    const is_idle_outage = why === "interval" && this.#journal.unread > unread_max;
    if (maker === undefined || is_idle_outage || !(await this.#ship())) return false;
    const { ledger, clock, setup } = this.#deps;
    const now_ms = clock.now();
    const key = await this.#renewKey(maker.timeOf(now_ms));
    if (key === "failed") return false;
    const { digest: config } = setup();
    const occasion = { now_ms, config, version, books: sealedBooks(ledger) };
    this.#written.push(maker.make({ ...occasion, why: key === "renewed" ? "key" : why }));
    this.#is_saved = false;
    return this.#ship();
  }

  /** A key signs for a day. */
  async #renewKey(time_ms: number): Promise<"failed" | "renewed" | undefined> {
    const keys = this.#keys!;
    if (!keys.isDue(time_ms)) return undefined;
    try {
      await keys.rotate(time_ms);
      return "renewed";
    } catch (cause) {
      this.#deps.log.error(
        "proof_key_not_renewed",
        { error: messageOf(cause) },
        "The key for the next seals cannot be written. No seal is made until it can; events are sent.",
      );
      return "failed";
    }
  }

  /** Has the state file, then the mirror and the journal know all seals; says whether they do. Never rejects. */
  async #ship(): Promise<boolean> {
    if (this.#written.length === 0) return true;
    const { saver, ledger } = this.#deps;
    if (!this.#is_saved) {
      try {
        await saver.write();
      } catch {
        // The saver says so in the log.
        return false;
      }
      this.#is_saved = true;
      const { mirror } = this.#options;
      const { body, sig } = this.#written.at(-1)!;
      if (mirror !== undefined) this.#mirror.add(mirror, noteOf(sealText(body), sig));
    }
    for (;;) {
      const next = this.#written[0];
      if (next === undefined) return true;
      if (!(await this.#journal.append(next))) return false;
      this.#written.shift();
      ledger.kept.delete(nameOf.seal(next.seal));
      ledger.changed();
    }
  }
}
