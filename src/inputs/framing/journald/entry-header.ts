/**
 * What an entry says of itself that becomes metadata: its time and its host.
 */
import type { RecordHeader } from "../../../event/block.ts";
import type { FieldSink } from "./entry-walk.ts";

const time_field = "__REALTIME_TIMESTAMP";
const host_field = "_HOSTNAME";
/** Microseconds since the epoch. */
const time_form = /^\d{1,17}$/;
const host_form = /^[\w.:-]+$/;
const value_bytes_max = 255;

/** The first whole value of each. */
export class EntryHeader implements FieldSink {
  readonly #values = new Map<string, string>();
  #name: string | undefined;
  #value = "";

  /** Undefined where the entry says neither. */
  get header(): RecordHeader | undefined {
    const time = this.#values.get(time_field);
    const host = this.#values.get(host_field);
    const timestamp = time !== undefined && time_form.test(time) ? time : undefined;
    const is_host = host !== undefined && host_form.test(host);
    if (timestamp === undefined && !is_host) return undefined;
    return {
      ...(timestamp !== undefined && { timestamp }),
      ...(is_host && { host, from: { text: host, parts: [] } }),
    };
  }

  begin(name: string): void {
    const is_wanted = name === time_field || name === host_field;
    this.#name = is_wanted && !this.#values.has(name) ? name : undefined;
    this.#value = "";
  }

  add(bytes: Buffer, start: number, end: number): void {
    if (this.#name === undefined) return;
    if (this.#value.length + end - start > value_bytes_max) this.#name = undefined;
    else this.#value += bytes.toString("latin1", start, end);
  }

  end(): void {
    if (this.#name !== undefined) this.#values.set(this.#name, this.#value);
  }
}
