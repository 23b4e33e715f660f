/**
 * tallyman's own log: JSON lines on stderr, readable text where stderr is a terminal.
 *
 * Writes are asynchronous and bounded: a reader of stderr that stops reading costs log lines, never events.
 */
import { once } from "node:events";
import pino from "pino";
import { systemClock } from "../clock.ts";
import type { LogFacts, Logger } from "../log.ts";
import type { LogLevel } from "../log-codes/log-code.ts";
import { atMost } from "../patience.ts";
import { printable, printableColoured, printableJson } from "../text/printable.ts";

/** Unwritten log bytes beyond which further lines are thrown away. */
const log_backlog_bytes_max = 1024 * 1024;
/** How long the end of the process waits for a reader of stderr that does not read. */
const end_ms_max = 2000;

const formatters = { level: (label: string) => ({ level: label }) };

/** The log of a running process. */
export interface ProcessLog {
  logger: Logger;
  /** Writes less serious lines from now on, too, or no more. */
  setLevel(level: LogLevel): void;
  /** Writes out what is buffered, at once. What is being written meanwhile may come after it, or not at all. */
  flush(): void;
  /** Writes out all, in order, unless its reader takes too long. Nothing is written from then on. */
  end(): Promise<void>;
}

/** The log of this process. */
export async function openLog(level: LogLevel, stream = process.stderr): Promise<ProcessLog> {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (stream.isTTY) {
    const destination = pino.destination({ fd: stream.fd, sync: true });
    const logger = pino(options, through(await readable(), destination));
    return leveled(
      logger,
      () => undefined,
      () => Promise.resolve(),
    );
  }
  const destination = pino.destination({
    fd: stream.fd,
    sync: false,
    maxLength: log_backlog_bytes_max,
  });
  const escaped = through(printableJson, destination);
  const flush = (): void => {
    try {
      destination.flushSync();
    } catch {
      // The reader of stderr is gone or stuck; there is nobody left to report to.
    }
  };
  const end = async (): Promise<void> => {
    const closed = once(destination, "close");
    escaped.write = () => undefined;
    destination.end();
    await atMost(closed, end_ms_max, systemClock);
  };
  return leveled(pino({ ...options, formatters }, escaped), flush, end);
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

/** A destination that gets each line as `shown` makes it. */
function through(
  shown: (line: string) => string,
  destination: Pick<NodeJS.WritableStream, "write">,
): { write(line: string): void } {
  return { write: (line) => void destination.write(shown(line)) };
}

function leveled(lines: pino.Logger, flush: () => void, end: () => Promise<void>): ProcessLog {
  const at =
    (level: LogLevel) =>
    (code: string, facts: LogFacts, message: string): void =>
      lines[level]({ code, ...facts }, message);
  const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  return { logger, setLevel: (level) => (lines.level = level), flush, end };
}
