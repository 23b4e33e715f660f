/**
 * tallyman's own log: JSON lines on stderr, readable text where stderr is a terminal.
 *
 * Writes are asynchronous and bounded: a reader of stderr that stops reading costs log lines, never events.
 */
import pino from "pino";
import type { Logger, LogLevel } from "./log.ts";

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

/** The log of this process. */
export async function openLog(level: LogLevel, stream = process.stderr): Promise<ProcessLog> {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (stream.isTTY) {
    const { default: pretty } = await import("pino-pretty");
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
