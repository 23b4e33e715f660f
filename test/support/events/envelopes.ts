/**
 * Splunk's reading of an event-mode body: as a stream of objects, up to the first that it does not take.
 *
 * Measured on Splunk Enterprise 10.4 and Splunk Cloud 10.5: what stands before a bad object is indexed; code 7 names
 * the object after the bad one; after an object with an unknown key everything is silently passed over, with 200.
 */

/** An event as Splunk indexed it. */
export interface IndexedEvent {
  /** The bytes of the envelope's `event` value, just as they came. */
  readonly event: Buffer;
  /** The digits of the envelope's time. */
  readonly time: string | undefined;
  readonly host?: string;
  readonly source?: string;
  readonly sourcetype?: string;
  readonly index?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** What is accepted of a body, and Splunk's code for the rest; 0 where there is none. */
export interface Reading<E = IndexedEvent> {
  readonly events: readonly E[];
  readonly code: number;
  readonly invalid_event_number?: number;
}

const known_keys = new Set(["event", "time", "host", "source", "sourcetype", "index", "fields"]);

/** Reads a body. `indexes` are those that the token may write to; undefined means any. */
export function readEnvelopes(body: Buffer, indexes?: ReadonlySet<string>): Reading {
  // One character a byte, so that positions in the text are positions in the body.
  const text = body.toString("latin1");
  const events: IndexedEvent[] = [];
  const refused = (code: number, number: number): Reading => {
    return { events, code, invalid_event_number: number };
  };
  let at = skipBlanks(text, 0);
  if (at === text.length) return { events, code: 5 };
  for (let number = 0; at < text.length; number += 1) {
    const members = readObject(text, at);
    if (members === undefined || !isUtf8Json(body, at, members.end)) {
      return refused(6, number);
    }
    at = skipBlanks(text, members.end);
    const unknown = [...members.spans.keys()].some((key) => !known_keys.has(key));
    if (unknown && number === 0 && at === text.length) return refused(5, 0);
    if (unknown) break;
    const valueOf = (key: string): Buffer | undefined => {
      const span = members.spans.get(key);
      return span && body.subarray(span[0], span[1]);
    };
    const event = valueOf("event");
    const parsed = (key: string): unknown => {
      const value = valueOf(key);
      return value === undefined ? undefined : (JSON.parse(value.toString()) as unknown);
    };
    const value = parsed("event");
    if (event === undefined || value === null) return refused(12, number);
    if (typeof value === "string" && value.trim() === "") {
      return refused(13, number);
    }
    const fields = parsed("fields") as Record<string, unknown> | undefined;
    if (fields !== undefined && !isFlat(fields)) {
      return refused(15, number);
    }
    const metadata: Record<string, unknown> = {};
    for (const key of ["host", "source", "sourcetype", "index"]) {
      const value_text = parsed(key);
      if (value_text === undefined) continue;
      if (typeof value_text !== "string") return refused(6, number);
      metadata[key] = value_text;
    }
    const index = metadata["index"] as string | undefined;
    if (index !== undefined && indexes?.has(index) === false) {
      return refused(7, number + 1);
    }
    const time = valueOf("time")?.toString("latin1");
    if (time !== undefined && !/^"?\d+(\.\d+)?"?$/.test(time)) {
      return refused(6, number);
    }
    // A copy: the body is not kept.
    events.push({ event: Buffer.from(event), time, ...metadata, ...(fields && { fields }) });
  }
  return { events, code: 0 };
}

function isFlat(fields: Record<string, unknown>): boolean {
  const scalar = (value: unknown): boolean => typeof value !== "object" || value === null;
  return Object.values(fields).every(
    (value) => scalar(value) || (Array.isArray(value) && value.every(scalar)),
  );
}

function isUtf8Json(body: Buffer, start: number, end: number): boolean {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body.subarray(start, end)));
    return true;
  } catch {
    return false;
  }
}

type Spans = Map<string, readonly [number, number]>;

/** The members of the object that begins at `at`, and its end; undefined where there is no such object. */
function readObject(text: string, at: number): { spans: Spans; end: number } | undefined {
  const spans: Spans = new Map();
  if (text[at] !== "{") return undefined;
  let to = skipBlanks(text, at + 1);
  if (text[to] === "}") return { spans, end: to + 1 };
  for (;;) {
    const key_end = endOfValue(text, to);
    const key = text.slice(to, key_end);
    to = skipBlanks(text, key_end);
    if (!key.startsWith('"') || text[to] !== ":") return undefined;
    to = skipBlanks(text, to + 1);
    const end = endOfValue(text, to);
    if (end === to) return undefined;
    spans.set(key.slice(1, -1), [to, end]);
    to = skipBlanks(text, end);
    if (text[to] === "}") return { spans, end: to + 1 };
    if (text[to] !== ",") return undefined;
    to = skipBlanks(text, to + 1);
  }
}

/** Where the JSON value at `at` ends, by brackets and quotes alone. */
function endOfValue(text: string, at: number): number {
  let depth = 0;
  let to = at;
  while (to < text.length) {
    const character = text[to]!;
    if (character === '"') to = endOfString(text, to);
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    if (depth < 0) return to;
    const next = text[to + 1];
    to += 1;
    const closes = character === "}" || character === "]" || character === '"';
    if (depth === 0 && (closes || next === undefined || /[\s,:}\]]/.test(next))) return to;
  }
  return to;
}

/** The position of the quote that ends the string at `at`. */
function endOfString(text: string, at: number): number {
  let to = at + 1;
  while (to < text.length && text[to] !== '"') to += text[to] === "\\" ? 2 : 1;
  return to;
}

function skipBlanks(text: string, at: number): number {
  let to = at;
  while (to < text.length && " \t\r\n".includes(text[to]!)) to += 1;
  return to;
}
