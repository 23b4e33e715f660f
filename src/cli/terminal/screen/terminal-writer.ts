/**
 * Writes to a terminal without ever waiting for it: one that takes nothing for a while (Ctrl-S, a connection that hangs) must
 * not hold up whoever writes. The terminal is opened once more for that, so that all others who have it open still wait.
 */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { pathOf } from "../../../platform/files/descriptor-path.ts";

/** Writes some of it, and says how much. Throws EAGAIN where nothing can be written at the moment. */
type WriteSome = (bytes: Buffer) => number;

const nothing = Buffer.alloc(0);

export class TerminalWriter {
  readonly #writeSome: WriteSome;
  readonly #release: () => void;
  #rest = nothing;
  #is_gone = false;

  constructor(writeSome: WriteSome, release: () => void = () => undefined) {
    this.#writeSome = writeSome;
    this.#release = release;
  }

  /** Undefined where this user may not open the terminal of the descriptor, as behind `su`. */
  static open(descriptor: number): TerminalWriter | undefined {
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    try {
      const fd = openSync(pathOf(descriptor), O_WRONLY | O_NONBLOCK | O_NOCTTY);
      return new TerminalWriter(
        (bytes) => writeSync(fd, bytes),
        () => closeSync(fd),
      );
    } catch {
      return undefined;
    }
  }

  /** Whether the terminal has taken all that was written, and takes more. */
  get is_ready(): boolean {
    this.#advance();
    return this.#rest.length === 0 && !this.#is_gone;
  }

  /** Whether something is left that the terminal may still take. */
  get is_behind(): boolean {
    this.#advance();
    return this.#rest.length > 0;
  }

  /** To be called where it is ready: what the terminal does not take at once is kept until it does. */
  write(text: string): void {
    this.#rest = Buffer.concat([this.#rest, Buffer.from(text)]);
    this.#advance();
  }

  /** What is not written by now is given up. */
  close(): void {
    if (this.#is_gone) return;
    this.#lose();
  }

  #advance(): void {
    while (this.#rest.length > 0) {
      try {
        this.#rest = this.#rest.subarray(this.#writeSome(this.#rest));
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        if (code === "EAGAIN" || code === "EINTR") return;
        // EIO: the terminal has gone away. There is nobody left to show anything to.
        this.#lose();
      }
    }
  }

  #lose(): void {
    this.#is_gone = true;
    this.#rest = nothing;
    this.#release();
  }
}
