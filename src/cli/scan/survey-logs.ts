/**
 * Reads logs to their ends, and gathers what is found in their events.
 */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { parse, parseDocument } from "yaml";
import { type Origin, type RecordInit, Records } from "../../event/block.ts";
import type { JsonValue } from "../../event/event.ts";
import { lookAt } from "../../inputs/file/discovery/file-access.ts";
import { framerOf, framingChoice } from "../../inputs/framing-option.ts";
import { beginning_bytes_max, misfitOf } from "../../inputs/framing/fitting.ts";
import type { Clock } from "../../platform/clock.ts";
import type { LogReading } from "../../preview/reading/log-reading.ts";
import { bytesToRead, readLog } from "../../preview/reading/read-log.ts";
import { readStream } from "../../preview/reading/read-stream.ts";
import { NewSpace } from "../process/new-space.ts";
import { clearProgress, Progress } from "../terminal/progress.ts";
import { Fields, type TimeCounts } from "./fields.ts";
import { countsOf, fieldFindings, headTime, type LogFindings } from "./findings.ts";
import { Looks } from "./looks.ts";
import { SecretFinder } from "./secret-finder.ts";
import { SplitKeys } from "./split-keys.ts";
import { TextFormats } from "./text-format.ts";

const standard_input = "-";
const max_event_bytes = 1024 * 1024;
const origin: Origin = { input: "scan", stream: "scan", metadata: {} };

/** What is in the logs, or in about the first `bytes_max` of each. Rejects with TallymanError log_unreadable. */
export async function surveyLogs(
  files: readonly string[],
  clock: Clock,
  bytes_max = Infinity,
): Promise<LogFindings> {
  const progress = new Progress(clock);
  const space = new NewSpace();
  const survey = new Survey(await SecretFinder.create(), await TextFormats.create());
  const notes: string[] = [];
  let framing: string | undefined;
  const is_whole = bytes_max === Infinity && !files.includes(standard_input);
  progress.expect(is_whole ? await bytesToRead(files) : undefined);
  for (const file of files) {
    const source = await streamOf(file);
    const log = source === undefined ? file : await peek(source);
    const beginning = typeof log === "string" ? await beginningOf(log, clock) : log.beginning;
    framing ??= usable(misfitOf(beginning, framerOf({ lines: {} }, "file"), "file")?.fitting);
    const enough = survey.bytes + bytes_max;
    const reading = {
      ...readingOf(framing, clock, (records) => survey.add(records) < enough),
      progress: (bytes: number) => {
        space.bound();
        progress.add(bytes);
      },
    };
    if (typeof log !== "string") await readStream(log.stream, reading);
    else {
      const fault = await readLog(log, reading);
      if (fault !== undefined) notes.push(`${file}: ${fault}`);
    }
  }
  clearProgress();
  const start = framing === undefined ? survey.start : undefined;
  if (start === undefined) return { files, framing, notes, ...survey.findings };
  // The events that were read are lines of it.
  const grouped = `{ multiline: { start: '${start}' } }`;
  return { files, framing: grouped, notes, ...survey.findings, split_keys: 0 };
}

/** What can be read only once: standard input, or a pipe; undefined for a file, and for what is not there. */
async function streamOf(file: string): Promise<Readable | undefined> {
  if (file === standard_input) return process.stdin;
  const kind = await lookAt(file).then(
    (look) => look.kind,
    () => undefined,
  );
  return kind === undefined || kind === "file" || kind === "directory"
    ? undefined
    : createReadStream(file);
}

/** A list under a key of the sender's own is for people to name: until then, each document is an event. */
function usable(fitting: string | undefined): string | undefined {
  if (fitting === undefined || parseDocument(fitting).errors.length === 0) return fitting;
  return "json";
}

function readingOf(
  framing: string | undefined,
  clock: Clock,
  take: (records: Records) => boolean,
): LogReading {
  const chosen = framingChoice.parse(framing === undefined ? "lines" : parse(framing));
  return {
    framing: chosen,
    encoding: "auto",
    max_event_bytes,
    origin,
    clock,
    take: (records) => Promise.resolve(take(records)),
  };
}

/** The first bytes of what a file holds, decompressed and in UTF-8. */
async function beginningOf(path: string, clock: Clock): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  const take = ({ bytes, starts, ends, count }: Records): boolean => {
    for (let number = 0; number < count && length < beginning_bytes_max; number += 1) {
      const line = Buffer.concat([bytes.subarray(starts[number], ends[number]), Buffer.from("\n")]);
      parts.push(line);
      length += line.length;
    }
    return length < beginning_bytes_max;
  };
  await readLog(path, readingOf(undefined, clock, take));
  return Buffer.concat(parts).subarray(0, beginning_bytes_max);
}

/** A stream, with the first bytes that it gives still in it. */
async function peek(source: Readable): Promise<{ stream: Readable; beginning: Buffer }> {
  const parts: Buffer[] = [];
  let length = 0;
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  while (length < beginning_bytes_max) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    parts.push(value);
    length += value.length;
  }
  const beginning = Buffer.concat(parts);
  const rest = { [Symbol.asyncIterator]: () => chunks };
  const all = async function* (): AsyncGenerator<Buffer> {
    if (beginning.length > 0) yield beginning;
    yield* rest;
  };
  return { stream: Readable.from(all(), { objectMode: false }), beginning };
}

class Survey {
  readonly #fields = new Fields();
  /** Indexed fields, which framings make of headers. */
  readonly #header_fields = new Fields();
  readonly #looks: Looks;
  readonly #finder: SecretFinder;
  readonly #formats: TextFormats;
  /** Times at the beginnings of texts. */
  readonly #heads: TimeCounts = { tried: 0, read: 0, without_zone: 0 };
  readonly #split_keys = new SplitKeys();
  readonly #text_secrets = new Map<string, number>();
  #bytes = 0;
  #events = 0;
  #texts = 0;
  #unreadable = 0;

  constructor(finder: SecretFinder, formats: TextFormats) {
    this.#finder = finder;
    this.#formats = formats;
    this.#looks = new Looks(finder);
  }

  /** How much was looked at. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The pattern with which events of several lines begin, where lines of private keys were events by themselves. */
  get start(): string | undefined {
    const is_text = this.#texts === this.#events;
    return this.#split_keys.count > 0 && is_text ? this.#split_keys.start : undefined;
  }

  /** Gives how much was looked at by then. */
  add({ bytes, starts, ends, count, known }: Records): number {
    for (let number = 0; number < count; number += 1) {
      const start = starts[number]!;
      const end = ends[number]!;
      this.#bytes += end - start;
      if (known?.[number]?.verdict !== undefined) this.#unreadable += 1;
      else {
        this.#looks.may_hold_secrets = this.#finder.mayHold(bytes, start, end);
        this.#addText(bytes.toString("utf8", start, end));
        this.#addFields(known?.[number]);
      }
    }
    return this.#bytes;
  }

  get findings(): Omit<LogFindings, "files" | "framing" | "notes"> {
    return {
      bytes: this.#bytes,
      events: this.#events,
      texts: this.#texts,
      unreadable: this.#unreadable,
      ...fieldFindings(this.#fields, this.#header_fields),
      head_time: headTime(this.#heads),
      text_secrets: countsOf(this.#text_secrets),
      split_keys: this.#split_keys.count,
      text_format: this.#formats.format,
      secret_encodings: [...this.#finder.encodings],
    };
  }

  /** They are redacted as if they were at the top of the event. */
  #addFields(known: RecordInit | undefined): void {
    const fields = known?.metadata?.fields ?? known?.header?.fields;
    if (fields === undefined) return;
    this.#looks.may_hold_secrets = true;
    this.#header_fields.add(fields, this.#looks);
  }

  #addText(text: string): void {
    this.#events += 1;
    const value = containerIn(text);
    if (value !== undefined) {
      this.#fields.add(value, this.#looks);
      return;
    }
    this.#texts += 1;
    this.#formats.add(text);
    this.#split_keys.add(text);
    this.#looks.lookAtHead(this.#heads, text);
    for (const detector of this.#finder.inEvent(text)) {
      this.#text_secrets.set(detector, (this.#text_secrets.get(detector) ?? 0) + 1);
    }
  }
}

/** An object or an array; undefined for what redact takes for text. */
function containerIn(text: string): JsonValue | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
