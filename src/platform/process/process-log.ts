/**
 * tallyman's own log: JSON lines on stderr, readable text where stderr is a terminal.
 *
 * Writes are asynchronous and bounded: a reader of stderr that stops reading costs log lines, never events.
 */
import pino from "pino";
import type { Logger, LogLevel } from "../log.ts";
import { printable, printableColoured, printableJson } from "../text/printable.ts";

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
    const destination = pino.destination({ fd: stream.fd, sync: true });
    return leveled(pino(options, through(await readable(), destination)), () => undefined);
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

/** Makes text for people of a line that is JSON. What it names may hold anything, and a terminal does what it is told. */
async function readable(): Promise<(line: string) => string> {
  const { prettyFactory } = await import("pino-pretty");
  const prettify = prettyFactory({
    ignore: "pid,hostname",
    // The other facts are shown as JSON, in which ESC has an escape.
    messageFormat: (entry, key) => printable(String(entry[key])),
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

function leveled(logger: pino.Logger, flush: () => void): ProcessLog {
  return { logger, setLevel: (level) => (logger.level = level), flush };
}
