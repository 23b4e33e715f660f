/**
 * Lines of JSON: what Splunk's search/jobs/export gives, its search/jobs/results, plain results one a line, and our own archive
 * files, whose lines are the envelopes that Splunk would have got.
 */
import { readEnvelopeHead } from "../../format/envelope-head.ts";
import { signature_field } from "../../format/place.ts";
import { ArchiveRow } from "./archive-row.ts";
import { placeOf, recordOf, textOf, type ExportRecord } from "./record.ts";
import { SplunkRow } from "./splunk-row.ts";
import type { RoomFor } from "./text-room.ts";

/** What one line of Splunk's says beside events. */
interface SplunkLine {
  readonly preview?: unknown;
  readonly offset?: unknown;
  readonly lastrow?: unknown;
  readonly result?: Record<string, unknown>;
  readonly results?: Record<string, unknown>[];
  readonly messages?: { type?: unknown; text?: unknown }[];
}

const event_key = Buffer.from(',"event":');
const quote = 0x22;
const carriage_return = 0x0d;
/** What a line of Splunk's export has, one or more of them. */
const splunk_keys = ["preview", "result", "results", "messages", "lastrow"];
const bad_messages = new Set(["FATAL", "ERROR", "WARN"]);
const obstacles_max = 20;
/** Fields of the event's own may be called so, too, before the time and behind it. No text has it: its quotes are escaped. */
const event_keys_max = 3;

/** Reads the lines of one file, one after the other. */
export class JsonLines {
  readonly #take: (record: ExportRecord) => void;
  readonly #obstacles: string[] = [];
  readonly #row: SplunkRow;
  readonly #archive_row: ArchiveRow;
  #kind: "splunk" | "other" | undefined;
  #line = 0;
  #next_offset: number | undefined;
  #is_ended = false;

  /** `room`: for the texts of the events. */
  constructor(take: (record: ExportRecord) => void, room?: RoomFor) {
    this.#take = take;
    this.#row = new SplunkRow(room);
    this.#archive_row = new ArchiveRow(room);
  }

  /** The next line: what of `bytes` is from `start` to `end`, where a line feed stands. */
  line(bytes: Buffer, start: number, end: number): void {
    this.#line += 1;
    if (end === start || (end === start + 1 && bytes[start] === carriage_return)) return;
    const row = this.#row;
    if (row.read(bytes, start, end)) {
      this.#kind = "splunk";
      if (row.is_last) this.#is_ended = true;
      this.#follow(row.offset);
      return this.#take(row);
    }
    if (this.#archive_row.read(bytes, start, end)) return this.#take(this.#archive_row);
    const line = bytes.subarray(start, end);
    const head = headOf(line);
    if (head === undefined) this.#takeJson(line.toString());
    else this.#takeEnvelope(line, head);
  }

  #takeJson(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return this.#note(`line ${this.#line} is no whole JSON: the file was cut or damaged`);
    }
    if (typeof value !== "object" || value === null) {
      return this.#note(`line ${this.#line} is no JSON object`);
    }
    if ("_raw" in value) return this.#takeFields(value);
    if (!splunk_keys.some((key) => key in value)) {
      return this.#note(`line ${this.#line} is neither an event nor anything that Splunk exports`);
    }
    this.#takeSplunk(value);
  }

  /** What speaks against the file's being whole, after its last line. */
  end(): readonly string[] {
    if (this.#kind === "splunk" && !this.#is_ended) {
      this.#note("the export ends without its last row: it was cut, or the search was ended");
    }
    return this.#obstacles;
  }

  #takeEnvelope(line: Buffer, head: string): void {
    try {
      this.#take(envelopeIn(line, head));
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      this.#note(`line ${this.#line} is no whole JSON: the file was cut or damaged`);
    }
  }

  #takeSplunk(line: SplunkLine): void {
    this.#kind = "splunk";
    for (const message of line.messages ?? []) this.#takeMessage(message);
    if (line.preview === true) return;
    if (line.lastrow === true || line.results !== undefined) this.#is_ended = true;
    for (const result of line.results ?? []) this.#takeFields(result);
    if (line.result === undefined) return;
    this.#follow(line.offset);
    this.#takeFields(line.result);
  }

  #takeMessage({ type, text }: { type?: unknown; text?: unknown }): void {
    if (typeof type === "string" && bad_messages.has(type)) {
      const said = typeof text === "string" ? text : "";
      this.#note(`Splunk says in line ${this.#line}: ${type}: ${said}`);
    }
  }

  /** Rows are numbered, and begin at 0 again where another export was put behind the first. */
  #follow(offset: unknown): void {
    if (typeof offset !== "number") return;
    const expected = this.#next_offset;
    if (expected !== undefined && offset !== expected && offset !== 0) {
      this.#note(`rows ${expected} to ${offset - 1} are missing before line ${this.#line}`);
    }
    this.#next_offset = offset + 1;
  }

  #takeFields(fields: Record<string, unknown>): void {
    const record = recordOf(fields);
    if (record !== undefined) this.#take(record);
    else if ("tally_lane" in fields) this.#note(`line ${this.#line} has no _raw`);
  }

  #note(obstacle: string): void {
    if (this.#obstacles.length < obstacles_max) this.#obstacles.push(obstacle);
  }
}

/** What of an envelope stands before its event; undefined for what is none. */
function headOf(line: Buffer): string | undefined {
  let at = -1;
  for (let attempt = 0; attempt < event_keys_max; attempt += 1) {
    at = line.indexOf(event_key, at + 1);
    if (at === -1) return undefined;
    const head = readEnvelopeHead(line.toString("utf8", 0, at + event_key.length));
    if (head !== undefined) return head.text;
  }
  return undefined;
}

/** Throws SyntaxError. */
function envelopeIn(line: Buffer, head: string): ExportRecord {
  const envelope = JSON.parse(`${head}}`) as Record<string, unknown>;
  const fields = (envelope["fields"] ?? {}) as Record<string, unknown>;
  const from = Buffer.byteLength(head) + event_key.length;
  const value = line.subarray(from, line.lastIndexOf("}"));
  const is_string = value[0] === quote;
  const bytes = is_string ? Buffer.from(JSON.parse(value.toString()) as string) : value;
  return {
    bytes,
    start: 0,
    end: bytes.length,
    ...placeOf(fields),
    index: envelope["index"] as string | undefined,
    sourcetype: envelope["sourcetype"] as string | undefined,
    time: envelope["time"] as number,
    signature: textOf(fields[signature_field]),
  };
}
