/**
 * An entry as a JSON object, with its fields as they are named and in the order in which they first occur.
 *
 * A field that occurs several times is an array. A field without a value, as the entry ends there, is null. All values are text: bytes
 * that are no UTF-8 become U+FFFD. `journalctl -o json` makes arrays of numbers of them, in which no step finds a secret.
 */
import { EntryHeader } from "./entry-header.ts";
import type { FieldSink } from "./entry-walk.ts";

interface Value {
  start: number;
  end: number;
}

/** The fields of an entry that is there as a whole, or up to where it ends. */
export class EntryFields extends EntryHeader implements FieldSink {
  readonly #fields = new Map<string, (Value | null)[]>();
  #values: (Value | null)[] = [];

  override begin(name: string): void {
    super.begin(name);
    this.#values = this.#fields.get(name) ?? [];
    if (this.#values.length === 0) this.#fields.set(name, this.#values);
    this.#values.push(null);
  }

  override add(bytes: Buffer, start: number, end: number): void {
    super.add(bytes, start, end);
    const last = this.#values.at(-1);
    if (last) last.end = end;
    else this.#values[this.#values.length - 1] = { start, end };
  }

  /** `bytes` are those in which the values were found. */
  toJson(bytes: Buffer): Buffer {
    const entries = [...this.#fields].map(([name, values]) => {
      const texts = values.map((each) => each && bytes.toString("utf8", each.start, each.end));
      return [name, texts.length === 1 ? texts[0] : texts];
    });
    return Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  }
}
