/**
 * Writes the ledger's state whenever a checkpoint has moved: as soon as the write before is done, but with
 * pauses while little has come together, so that a slow disk is not kept busy by a slow trickle.
 *
 * What was acknowledged and is not written yet is what a crash would send again. An input therefore waits
 * at `unsaved_bytes_max`; when that comes near, the saver does not pause. Nor does it while events wait for their lane to be written.
 */
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import { WriteOutage } from "../platform/write-outage.ts";
import type { Ledger } from "./ledger.ts";
import type { StateFile } from "./state-file.ts";

/** Pause between two writes while there is no pressure. */
const save_pause_ms = 100;
/** Pause after a write that failed, for example on a full disk. */
const retry_pause_ms = 1000;

export interface StateSaverDeps {
  ledger: Ledger;
  file: StateFile;
  clock: Clock;
  log: Logger;
  /** Bytes of one input that are read and not covered by a written state, beyond which it waits. */
  unsaved_bytes_max: () => number;
}

export class StateSaver {
  readonly #deps: StateSaverDeps;
  #changed = false;
  #wake: (() => void) | undefined;
  #waiters: (() => void)[] = [];
  readonly #outage: WriteOutage;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  /** One write after the other. */
  #saving: Promise<void> = Promise.resolve();

  constructor(deps: StateSaverDeps) {
    this.#deps = deps;
    const { clock, log, file } = deps;
    this.#outage = new WriteOutage({
      clock,
      log,
      logged: { file: file.path },
      lines: {
        began: {
          level: "error",
          code: "state_unwritable",
          message:
            "The state file cannot be written. Reading stops until it can, and nothing is lost; check free space and permissions of state_dir.",
        },
        ended: {
          level: "info",
          code: "state_writable",
          message: "The state file can be written again.",
        },
      },
    });
    deps.ledger.onChange = () => {
      this.#changed = true;
      if (this.#wake !== undefined && (this.#idle || this.#pressed())) this.#wake();
    };
    deps.ledger.lanes.naming.onNew = () => deps.ledger.changed();
    this.#running = this.#run();
  }

  #idle = false;

  /** Undefined while more of `input` may be read; else a promise for when it may. */
  room(input: string): Promise<void> | undefined {
    const { ledger, unsaved_bytes_max } = this.#deps;
    if (ledger.unsavedBytes(input) < unsaved_bytes_max()) return undefined;
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Whether the state could not be written when that was tried last. */
  get is_failing(): boolean {
    return this.#outage.lasts;
  }

  /** Writes what there is now, at once. Rejects with the system's error; it is tried again then, as ever. */
  async write(): Promise<void> {
    this.#changed = true;
    const saving = this.#saving.then(() => this.#tryNow());
    this.#saving = saving.catch(() => undefined);
    await saving;
  }

  /** Writes what is left and ends. Never rejects: a failure is logged, and the older state stays. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    await this.#running;
    this.#changed ||= this.#deps.ledger.has_notes;
    await this.#save();
    this.#deps.ledger.onChange = () => undefined;
    this.#deps.ledger.lanes.naming.close();
  }

  async #run(): Promise<void> {
    const stop = this.#stop.signal;
    while (!stop.aborted) {
      if (!this.#changed) await this.#pause(Infinity);
      if (stop.aborted) return;
      const saved = await this.#save();
      await this.#pause(saved ? save_pause_ms : retry_pause_ms);
    }
  }

  async #pause(pause_ms: number): Promise<void> {
    if (this.#stop.signal.aborted) return;
    if (this.#pressed() && this.#changed && pause_ms !== retry_pause_ms) return;
    this.#idle = pause_ms === Infinity;
    await new Promise<void>((resolve) => {
      const timer = this.#idle ? undefined : this.#deps.clock.after(pause_ms, resolve);
      this.#wake = () => {
        timer?.cancel();
        resolve();
      };
    });
    this.#wake = undefined;
    this.#idle = false;
  }

  #pressed(): boolean {
    const { ledger, unsaved_bytes_max } = this.#deps;
    return ledger.lanes.naming.is_urgent || ledger.unsaved_bytes_most * 2 > unsaved_bytes_max();
  }

  async #save(): Promise<boolean> {
    const saving = this.#saving.then(() => this.#tryNow());
    this.#saving = saving.catch(() => undefined);
    return saving.then(
      () => true,
      () => false,
    );
  }

  async #tryNow(): Promise<void> {
    const { ledger, file } = this.#deps;
    if (!this.#changed) return;
    this.#changed = false;
    try {
      await file.save(ledger);
      this.#outage.worked();
    } catch (cause) {
      this.#changed = true;
      this.#outage.failed(cause);
      throw cause;
    }
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
