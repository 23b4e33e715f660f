/**
 * tallyman's own log: JSON lines on stderr, readable text where stderr is a terminal.
 *
 * Nobody waits for a reader of stderr that stops reading, or a terminal after Ctrl-S: that costs lines of the log, which are
 * counted, and never events.
 */
import pino from "pino";
import { systemClock } from "../clock.ts";
import type { LogFacts, Logger } from "../log.ts";
import type { LogLevel } from "../log-codes/log-code.ts";
import { atMost } from "../patience.ts";
import { printable, printableColoured, printableJson } from "../text/printable.ts";
import { LogWriter, placeOf } from "./log-writer.ts";

/** How long the end of the process waits for a reader of stderr that does not read. */
const end_ms_max = 2000;

const formatters = { level: (label: string) => ({ level: label }) };

/** The log of a running process. */
export interface ProcessLog {
  logger: Logger;
  /** Writes less serious lines from now on, too, or no more. */
  setLevel(level: LogLevel): void;
  /** Writes out what is buffered, at once, unless its reader takes too long. */
  flush(): void;
  /** Writes out all, in order, unless its reader takes too long. Nothing is written from then on. */
  end(): Promise<void>;
}

/** The log of this process. */
export async function openLog(level: LogLevel, stream = process.stderr): Promise<ProcessLog> {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const form = stream.isTTY ? options : { ...options, formatters };
  const shown = stream.isTTY ? await readable() : printableJson;
  const writer = new LogWriter({
    place: placeOf(stream.fd, stream.isTTY),
    clock: systemClock,
    leftOut: (lines) => shown(leftOutLine(form, lines)),
  });
  const end = async (): Promise<void> => {
    await atMost(writer.end(), end_ms_max, systemClock);
    writer.close();
  };
  const flush = (): void => writer.flush(end_ms_max);
  return leveled(pino(form, { write: (line) => writer.write(shown(line)) }), flush, end);
}

/** The line that stands in the place of others that the reader was too slow for. */
function leftOutLine(form: pino.LoggerOptions, lines: number): string {
  let text = "";
  const log = leveled(
    pino({ ...form, level: "warn" }, { write: (line) => void (text += line) }),
    () => undefined,
    () => Promise.resolve(),
  );
  log.logger.warn(
    "log_lines_left_out",
    { lines },
    "The reader of the log was too slow: lines are missing here.",
  );
  return text;
}

/** Where somebody else shows the lines of the log. */
export interface LogDisplay {
  /** Takes a line, as JSON with the level by its name. */
  line(json: string): void;
  flush(): void;
  end(): Promise<void>;
}

/** The log of this process, on a display. */
export function displayedLog(level: LogLevel, display: LogDisplay): ProcessLog {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters };
  return leveled(
    pino(options, { write: (line) => display.line(line) }),
    () => display.flush(),
    () => display.end(),
  );
}

/** Makes text for people of a line that is JSON. What it names may hold anything, and a terminal does what it is told. */
async function readable(): Promise<(line: string) => string> {
  const { prettyFactory } = await import("pino-pretty");
  const prettify = prettyFactory({
    ignore: "pid,hostname,code",
    // The other facts are shown as JSON, in which ESC has an escape.
    messageFormat: (entry, key, _level, { colors }) =>
      `${printable(String(entry[key]))} ${colors.gray(`[${String(entry["code"])}]`)}`,
  });
  return (line) => printableColoured(prettify(line));
}

function leveled(lines: pino.Logger, flush: () => void, end: () => Promise<void>): ProcessLog {
  const at =
    (level: LogLevel) =>
    (code: string, facts: LogFacts, message: string): void =>
      lines[level]({ code, ...facts }, message);
  const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  return { logger, setLevel: (level) => (lines.level = level), flush, end };
}
