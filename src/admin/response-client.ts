/**
 * A client of a long answer, by its HTTP response.
 */
import type { ServerResponse } from "node:http";
import type { Client } from "./route.ts";

export class ResponseClient implements Client {
  readonly #response: ServerResponse;
  readonly #gone = new AbortController();

  constructor(response: ServerResponse) {
    this.#response = response;
    response.once("close", () => this.#gone.abort());
    if (response.destroyed) this.#gone.abort();
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  get waiting_bytes(): number {
    return this.#response.writableLength;
  }

  write(part: string | Uint8Array): void {
    if (!this.gone.aborted) this.#response.write(part);
  }

  end(text: string): void {
    if (!this.gone.aborted) this.#response.end(text);
    this.#gone.abort();
  }
}
