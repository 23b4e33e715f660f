/**
 * Splunk's CSV: a header, then records whose quoted fields may hold line feeds. Text comes in chunks that end anywhere.
 */
import { recordOf, type ExportRecord } from "./record.ts";

const quote = '"';
/** A record that is longer is no record, but a quote that was never closed. */
const record_characters_max = 128 * 1024 * 1024;

export class CsvRecords {
  readonly #take: (record: ExportRecord) => void;
  readonly #obstacles: string[] = [];
  #columns: string[] | undefined;
  #rest = "";
  /** The fields of the record that `#rest` begins with are looked for again only when it has become twice as long. */
  #wait_for = 0;

  constructor(take: (record: ExportRecord) => void) {
    this.#take = take;
  }

  /** The columns that the header names; undefined before it was read. */
  get columns(): readonly string[] | undefined {
    return this.#columns;
  }

  add(chunk: string): void {
    this.#rest += chunk;
    if (this.#rest.length >= this.#wait_for) this.#read(false);
  }

  /** What speaks against the file's being whole, after its last chunk. */
  end(): readonly string[] {
    this.#read(true);
    return this.#obstacles;
  }

  #read(is_last: boolean): void {
    const text =
      is_last && this.#rest !== "" && !this.#rest.endsWith("\n") ? `${this.#rest}\n` : this.#rest;
    let at = 0;
    for (;;) {
      const read = readRecord(text, at);
      if (read === undefined) break;
      at = read.end;
      this.#takeRecord(read.fields);
    }
    this.#rest = text.slice(at);
    if (this.#rest.length > record_characters_max) {
      this.#obstacles.push("a quoted field does not end: the file was cut or damaged");
      this.#rest = "";
    }
    if (is_last && this.#rest.trim() !== "") {
      this.#obstacles.push("the last record is not whole: the file was cut");
    }
    this.#wait_for = at === 0 ? 2 * this.#rest.length : 0;
  }

  #takeRecord(values: readonly string[]): void {
    if (values.length === 1 && values[0] === "") return;
    if (this.#columns === undefined) {
      this.#columns = [...values];
      this.#columns[0] = this.#columns[0]!.replace(/^\uFEFF/, "");
      return;
    }
    if (values.length !== this.#columns.length) {
      if (this.#obstacles.length === 0) {
        this.#obstacles.push("a record has not as many fields as the header: the file was damaged");
      }
      return;
    }
    const fields: Record<string, unknown> = {};
    for (const [column, name] of this.#columns.entries()) {
      const value = values[column]!;
      // Several values of one field stand on lines of their own.
      if (value !== "") fields[name] = name.startsWith("tally_") ? severalOf(value) : value;
    }
    const record = recordOf(fields);
    if (record !== undefined) this.#take(record);
  }
}

function severalOf(value: string): string | string[] {
  return value.includes("\n") ? value.split("\n") : value;
}

/** The record that begins at `at`, and where the next one does; undefined where it does not end. */
function readRecord(text: string, at: number): { fields: string[]; end: number } | undefined {
  if (at >= text.length) return undefined;
  const fields: string[] = [];
  for (let from = at; ;) {
    let end: number;
    if (text[from] === quote) {
      const closing = closingQuote(text, from + 1);
      // What follows the quote says whether it is doubled.
      if (closing === undefined || closing + 1 >= text.length) return undefined;
      fields.push(text.slice(from + 1, closing).replaceAll('""', quote));
      end = closing + 1;
      if (text[end] === "\r") end += 1;
    } else {
      const line_end = text.indexOf("\n", from);
      if (line_end === -1) return undefined;
      const comma = text.indexOf(",", from);
      end = comma === -1 || comma > line_end ? line_end : comma;
      const value = text.slice(from, end);
      fields.push(value.endsWith("\r") && end === line_end ? value.slice(0, -1) : value);
    }
    if (end >= text.length) return undefined;
    if (text[end] === "\n") return { fields, end: end + 1 };
    from = end + 1;
  }
}

function closingQuote(text: string, from: number): number | undefined {
  let at = text.indexOf(quote, from);
  while (at !== -1 && text[at + 1] === quote) at = text.indexOf(quote, at + 2);
  return at === -1 ? undefined : at;
}
