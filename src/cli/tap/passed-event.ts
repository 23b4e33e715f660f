/**
 * An event that was delivered, read from what was sent; and the condition that it is chosen by.
 */
import type { TappedEvent } from "../../admin/tap/tap-messages.ts";
import { ExpressionError } from "../../chain/conditions/cel-literal.ts";
import { compileCondition } from "../../chain/conditions/condition.ts";
import { FileLists } from "../../chain/lists/file-lists.ts";
import { PathPool } from "../../chain/path-pool.ts";
import { Records } from "../../event/block.ts";
import { UnreadableError } from "../../event/event.ts";
import { LogEvent } from "../../event/log-event.ts";
import { Scanner } from "../../event/scanner.ts";
import type { Encoder } from "../../output/batch/encoder.ts";
import { EventEncoder } from "../../output/batch/envelope.ts";
import { eventOf } from "../../output/batch/handover.ts";
import { RawEncoder } from "../../output/batch/raw.ts";
import type { Clock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { StepFailure } from "../../platform/step-failure.ts";
import { silentLogger } from "../../platform/log.ts";

const raw_path = "/services/collector/raw";
const encoders = { raw: new RawEncoder(), event: new EventEncoder() };

/** What was sent, by its parts. */
export interface PassedEvent {
  readonly text: string;
  /** Epoch seconds; undefined where it was sent without. */
  readonly time_s: number | undefined;
  /** The JSON of the envelope: as it was sent, or in raw mode made of the record and what the path says. */
  readonly envelope: string;
}

/** Says whether an event is to be shown. */
export type Choose = (event: TappedEvent) => boolean;

export function readPassed({ path, sent }: TappedEvent): PassedEvent {
  const encoder = encoderOf(path);
  const encoded = Buffer.from(sent);
  const { text, metadata } = encoder.decode(encoded, path);
  const time_s = metadata.time === undefined ? undefined : Number(metadata.time);
  if (encoder === encoders.event) return { text, time_s, envelope: sent.trimEnd() };
  const value = isJson(text) ? text : JSON.stringify(text);
  const head = JSON.stringify(metadata).slice(0, -1);
  const envelope = `${head}${head === "{" ? "" : ","}"event":${value}}`;
  return { text, time_s, envelope };
}

/**
 * The choice by a condition; `note` hears what is likely not meant so. Throws TallymanError usage on a mistake in it, with
 * its place.
 */
export function chooseBy(
  expression: string,
  clock: Clock,
  note: (message: string) => void,
): Choose {
  const paths = new PathPool();
  const lists = new FileLists({ folder: process.cwd(), clock, log: silentLogger });
  try {
    const condition = compileCondition(expression, {
      clock,
      lists,
      path: (text) => paths.path(text),
      note: ({ message, position }) => note(`in --where, at character ${position + 1}, ${message}`),
    });
    const scanner = new Scanner(paths.all());
    return (event) => {
      try {
        return condition(logEventOf(event, scanner, clock));
      } catch (thrown) {
        // A value of a type that an operator does not take, or no JSON.
        if (thrown instanceof StepFailure || thrown instanceof UnreadableError) return false;
        throw thrown;
      }
    };
  } catch (thrown) {
    if (!(thrown instanceof ExpressionError)) throw thrown;
    const { position } = thrown;
    const place = `at character ${position + 1}`;
    const mark = expression.includes("\n") ? "" : `\n  ${expression}\n  ${" ".repeat(position)}^`;
    throw new TallymanError("usage", `--where is wrong ${place}: ${thrown.message}${mark}`);
  }
}

function logEventOf(
  { input, output, path, sent }: TappedEvent,
  scanner: Scanner,
  clock: Clock,
): LogEvent<Records> {
  const encoder = encoderOf(path);
  const recovered = encoder.recover(Buffer.from(sent), path);
  const metadata = { ...encoder.metadataOf(recovered.head), output };
  const { time } = recovered;
  return eventOf(recovered, (bytes) => {
    const records = new Records({
      origin: { input, stream: metadata.source ?? "", metadata },
      bytes,
      starts: Int32Array.of(0),
      ends: Int32Array.of(bytes.length),
      count: 1,
      offset: 0,
      read_at_ms: clock.now(),
      known: [{ metadata, time }],
    });
    return new LogEvent(records, 0, scanner);
  });
}

function encoderOf(path: string): Encoder {
  return path.startsWith(raw_path) ? encoders.raw : encoders.event;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
