/** What is known of one code that lines of the log carry. */

export type LogLevel = "debug" | "info" | "warn" | "error";

/** One row of docs/operations/log.md. Who reads a warning or an error must be able to act on it. */
export type LogCodeEntry = RoutineEntry | ProblemEntry;

interface RoutineEntry {
  readonly level: "debug" | "info";
  readonly meaning: string;
  readonly remedy?: string;
}

interface ProblemEntry {
  readonly level: "warn" | "error";
  readonly meaning: string;
  readonly remedy: string;
}

/** The codes of one part of tallyman. */
export type LogCodeTable = Readonly<Record<string, LogCodeEntry>>;
