/** What components log with. The log of a running process is process-log.ts. */
import type { LogLevel } from "./log-codes/log-code.ts";
import type { LogCode } from "./log-codes/log-codes.ts";

/** What a line is about, by name. Its code is not one of them: that comes first. */
export interface LogFacts {
  readonly code?: never;
  readonly [fact: string]: unknown;
}

/** For each level: the line's code, which is stable, its facts, and a sentence, which may be reworded. */
export type Logger = {
  [Level in LogLevel]: (code: LogCode<Level>, facts: LogFacts, message: string) => void;
};

/** A line of the log but for its facts. */
export type LogLine<Level extends LogLevel = LogLevel> = {
  [Each in Level]: { readonly level: Each; readonly code: LogCode<Each>; readonly message: string };
}[Level];

/** Logs a line that was chosen before. */
export function logLine<Level extends LogLevel>(
  log: Logger,
  { level, code, message }: LogLine<Level>,
  facts: LogFacts,
): void {
  log[level](code, facts, message);
}

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
