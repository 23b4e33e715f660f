/**
 * Reads the time of an event, and counts the times that cannot be read, or can hardly be right: those events get the
 * time of reading, or keep theirs, and somebody should know.
 */
import { readJson } from "../scan/json-value.ts";
import type { Path } from "../scan/path.ts";
import type { Found } from "../scan/spans.ts";
import { head_length, timeInHead } from "./time-head.ts";
import type { TimeRule } from "./time-rule.ts";
import { shapeOf } from "./time-shape.ts";
import { type TimeFault as Unreadable, TimestampReader } from "./timestamp-reader.ts";

/**
 * What is wrong with the time of an event: why it cannot be read, or that it is more than a day after the reading, or more
 * than a year before the input's last one.
 */
export type TimeFault = Unreadable | "ahead" | "back";

/** The events of an input whose time has one fault. */
export interface TimeFaultCount {
  readonly fault: TimeFault;
  events: number;
  /** Of these, those since the times are read as they are now. */
  recent_events: number;
  /** Where the first of those has its time: a path, or undefined for the head of its text. */
  path: string | undefined;
  /** How the first of those is written: its digits as 9, and no letters but those of months, days and UTC. */
  shape: string;
}

/** What of a record is looked at. */
interface TimedRecord {
  readonly invalid: unknown;
  find(path: Path): Found | undefined;
  /** Its first bytes. */
  text(bytes_max: number): string;
}

/** Of the block that a record is in. */
interface TimedBlock {
  readonly read_at_ms: number;
  readonly origin: { readonly time?: TimeRule | undefined };
  /** By record number. */
  readonly known:
    | readonly (
        { readonly header?: { readonly timestamp?: string | undefined } | undefined } | undefined
      )[]
    | undefined;
}

const day_ms = 86_400_000;
const year_s = 365 * 86_400;
const quote = 0x22;
const brace = 0x7b;

export class EventTimes {
  /** The options by which times are read, to tell them from others. */
  readonly #options: string;
  /** Has the time that was read last. */
  readonly reader = new TimestampReader();
  /** Called with the first event that has a fault. */
  onFirst: ((count: TimeFaultCount) => void) | undefined = undefined;
  readonly #counts = new Map<TimeFault, TimeFaultCount>();
  #last_s = 0;

  constructor(options: string) {
    this.#options = options;
  }

  get faults(): readonly TimeFaultCount[] {
    return [...this.#counts.values()];
  }

  /** Goes on counting where another counted, which read the same input's times before. */
  countFrom(former: EventTimes): void {
    const is_same = former.#options === this.#options;
    for (const each of former.faults) {
      const recent_events = is_same ? each.recent_events : 0;
      this.#counts.set(each.fault, { ...each, recent_events });
    }
  }

  /**
   * Has the reader read the time of a record, which is one of a block's: its own by the rule of its origin, else that of the
   * header that it had, else the time of reading. `is_first` where its faults are to be counted. False for the time of
   * reading.
   */
  read(record: TimedRecord, block: TimedBlock, number: number, is_first: boolean): boolean {
    const { reader } = this;
    const { read_at_ms, origin, known } = block;
    reader.near_ms = read_at_ms;
    const rule = origin.time;
    if (rule !== undefined) {
      const is_read =
        record.invalid === undefined
          ? this.#readPaths(record, rule, is_first)
          : rule.reads_heads && this.#readHead(record, rule, is_first);
      if (is_read) return true;
      const timestamp = known?.[number]?.header?.timestamp;
      if (timestamp !== undefined && rule.reads_heads) {
        if (this.#readTimestamp(timestamp, rule, is_first)) return true;
      }
    }
    reader.readMilliseconds(read_at_ms);
    return false;
  }

  /** Of a header, whose form is not that of the records. */
  #readTimestamp(text: string, { zone }: TimeRule, is_first: boolean): boolean {
    const bytes = Buffer.from(text);
    this.reader.read(bytes, 0, bytes.length, { pattern: undefined, zone });
    return this.#judge(text, is_first);
  }

  #readPaths(record: TimedRecord, rule: TimeRule, is_first: boolean): boolean {
    let unread: { fault: Unreadable; path: Path; found: Found } | undefined;
    for (const path of rule.paths) {
      const found = record.find(path);
      if (found === undefined) continue;
      if (this.#readValue(found, rule)) {
        const fault = is_first ? this.#misplaced() : undefined;
        if (fault !== undefined) this.#note(fault, path.text, textOf(found));
        return true;
      }
      if (isNull(found)) continue;
      unread ??= { fault: this.reader.fault ?? "unknown_form", path, found };
    }
    if (unread !== undefined && is_first) {
      this.#note(unread.fault, unread.path.text, textOf(unread.found));
    }
    return false;
  }

  #readValue(found: Found, rule: TimeRule): boolean {
    const { reader } = this;
    const { bytes, start, end, plain } = found;
    if (plain) return reader.read(bytes, start + 1, end - 1, rule);
    if (isBare(found)) return reader.read(bytes, start, end, rule);
    const text = Buffer.from(textOf(found));
    return reader.read(text, 0, text.length, rule);
  }

  #readHead(record: TimedRecord, rule: TimeRule, is_first: boolean): boolean {
    const { reader } = this;
    const head = record.text(head_length);
    let text = head.slice(0, 32);
    if (rule.pattern !== undefined) {
      if (!reader.readHead(head, rule.pattern, rule) && reader.fault === "unknown_form")
        return false;
    } else {
      const found = timeInHead(head);
      if (found === undefined) return false;
      text = found;
      const bytes = Buffer.from(found);
      reader.read(bytes, 0, bytes.length, rule);
    }
    return this.#judge(text, is_first);
  }

  /** Notes what is wrong or odd about what was just read, and says whether it is a time. */
  #judge(text: string, is_first: boolean): boolean {
    const { fault } = this.reader;
    if (is_first) {
      const noted = fault ?? this.#misplaced();
      if (noted !== undefined) this.#note(noted, undefined, text);
    }
    return fault === undefined;
  }

  /** What is odd about the time that was just read, beside the clock and the time before it. */
  #misplaced(): TimeFault | undefined {
    const { seconds, near_ms } = this.reader;
    if (seconds * 1000 > near_ms + day_ms) return "ahead";
    const is_back = seconds < this.#last_s - year_s;
    this.#last_s = seconds;
    return is_back ? "back" : undefined;
  }

  #note(fault: TimeFault, path: string | undefined, text: string): void {
    const known = this.#counts.get(fault);
    const count = known ?? { fault, events: 0, recent_events: 0, path, shape: "" };
    count.events += 1;
    count.recent_events += 1;
    if (count.recent_events > 1) return;
    count.path = path;
    count.shape = shapeOf(text);
    this.#counts.set(fault, count);
    this.onFirst?.(count);
  }
}

function isNull({ bytes, start, end }: Found): boolean {
  return end - start === 4 && bytes[start] === 0x6e;
}

/** Whether a value is neither a string nor an object: its bytes are its text. */
function isBare({ bytes, start }: Found): boolean {
  return bytes[start] !== quote && bytes[start] !== brace;
}

/** The text of a value that may be a time: a string's, a number's, or that in `{"$date": …}`, as MongoDB writes times. */
function textOf(found: Found): string {
  const { bytes, start, end, plain } = found;
  if (plain) return bytes.toString("latin1", start + 1, end - 1);
  if (isBare(found)) return bytes.toString("latin1", start, end);
  let value: unknown = readJson(bytes, start, end, false);
  for (const key of ["$date", "$numberLong"]) {
    if (typeof value === "object" && value !== null && key in value)
      value = (value as Record<string, unknown>)[key];
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : "{}";
}
