/** What components log with. The log of a running process is process-log.ts. */

export type LogLevel = "debug" | "info" | "warn" | "error";

/** What components log with. The first argument holds fields, the second is a sentence. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
