/**
 * tallyman's own log: JSON lines on stderr, readable text where stderr is a terminal.
 *
 * Writes are asynchronous and bounded: a reader of stderr that stops reading costs log lines, never events.
 */
import pino from "pino";
import { prettyFactory } from "pino-pretty";
import { printable, printableColoured, printableJson } from "./printable.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** What components log with. The first argument holds the facts, the second is a sentence. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Unwritten log bytes beyond which further lines are thrown away. */
const log_backlog_bytes_max = 1024 * 1024;

/** The log of a running process. */
export interface ProcessLog {
  logger: Logger;
  /** Writes less serious lines from now on, too, or no more. */
  setLevel(level: LogLevel): void;
  /** Writes out what is buffered. */
  flush(): void;
}

export function openLog(level: LogLevel, stream = process.stderr): ProcessLog {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (stream.isTTY) {
    const destination = pino.destination({ fd: stream.fd, sync: true });
    return leveled(pino(options, through(readable, destination)), () => undefined);
  }
  const destination = pino.destination({
    fd: stream.fd,
    sync: false,
    maxLength: log_backlog_bytes_max,
  });
  const formatters = { level: (label: string) => ({ level: label }) };
  const escaped = through(printableJson, destination);
  return leveled(pino({ ...options, formatters }, escaped), () => {
    try {
      destination.flushSync();
    } catch {
      // The reader of stderr is gone or stuck; there is nobody left to tell.
    }
  });
}

/** Text for people, of a line that is JSON. What it names may hold anything, and a terminal does what it is told. */
function readable(line: string): string {
  return printableColoured(prettify(line));
}

const prettify = prettyFactory({
  ignore: "pid,hostname",
  // The other facts are shown as JSON, in which ESC has an escape.
  messageFormat: (entry, key) => printable(String(entry[key])),
});

/** A destination that gets each line as `shown` makes it. */
function through(
  shown: (line: string) => string,
  destination: Pick<NodeJS.WritableStream, "write">,
): { write(line: string): void } {
  return { write: (line) => void destination.write(shown(line)) };
}

function leveled(logger: pino.Logger, flush: () => void): ProcessLog {
  return { logger, setLevel: (level) => (logger.level = level), flush };
}

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
