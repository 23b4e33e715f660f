/**
 * tallyman's own log: JSON lines on stderr, readable text where stderr is a terminal.
 *
 * Writes are asynchronous and bounded: a reader of stderr that stops reading costs log lines, never events.
 */
import pino from "pino";
import pretty from "pino-pretty";

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
    const destination = pretty({ destination: stream.fd, sync: true, ignore: "pid,hostname" });
    return leveled(pino(options, destination), () => undefined);
  }
  const destination = pino.destination({
    fd: stream.fd,
    sync: false,
    maxLength: log_backlog_bytes_max,
  });
  const formatters = { level: (label: string) => ({ level: label }) };
  return leveled(pino({ ...options, formatters }, destination), () => {
    try {
      destination.flushSync();
    } catch {
      // The reader of stderr is gone or stuck; there is nobody left to tell.
    }
  });
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
