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

/** The log of a running process, and the call that writes out what is buffered. */
export interface ProcessLog {
  logger: Logger;
  flush(): void;
}

export function openLog(level: LogLevel, stream = process.stderr): ProcessLog {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (stream.isTTY) {
    const destination = pretty({ destination: stream.fd, sync: true, ignore: "pid,hostname" });
    return { logger: pino(options, destination), flush: () => undefined };
  }
  const destination = pino.destination({
    fd: stream.fd,
    sync: false,
    maxLength: log_backlog_bytes_max,
  });
  return {
    logger: pino({ ...options, formatters: { level: (label) => ({ level: label }) } }, destination),
    flush: () => {
      try {
        destination.flushSync();
      } catch {
        // The reader of stderr is gone or stuck; there is nobody left to tell.
      }
    },
  };
}

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
