/**
 * A source, and the disk buffers between it and its outputs: they are opened before its first event, and end after its
 * last.
 */
import type { LedgerState } from "../ledger/state.ts";
import type { OutputBuffer } from "./output-buffer.ts";
import type { Source, SourceStatus } from "./source.ts";

export class BufferedSource implements Source {
  readonly name: string;
  readonly ended: Promise<void> | undefined;
  readonly #source: Source & Required<Pick<Source, "status">>;
  readonly #buffers: readonly OutputBuffer[];

  constructor(source: Source & Required<Pick<Source, "status">>, buffers: readonly OutputBuffer[]) {
    this.name = source.name;
    this.ended = source.ended;
    this.#source = source;
    this.#buffers = buffers;
  }

  async start(): Promise<void> {
    for (const buffer of this.#buffers) await buffer.start();
    await this.#source.start();
  }

  async stop(): Promise<void> {
    await this.#source.stop();
    await Promise.all(this.#buffers.map((buffer) => buffer.stop()));
  }

  status(): SourceStatus {
    const { journals, ...status } = this.#source.status();
    const buffers = this.#buffers.flatMap((buffer) => buffer.status());
    return { ...status, journals: [...journals, ...buffers] };
  }

  saved(state: LedgerState): void {
    for (const each of [this.#source, ...this.#buffers]) each.saved(state);
  }

  async close(): Promise<void> {
    await Promise.all([this.#source, ...this.#buffers].map((each) => each.close()));
  }
}
