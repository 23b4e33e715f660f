/**
 * Where events come from, as the agent sees it: what it starts, stops and notifies of the state that was written.
 */
import type { FilesStatus } from "../../inputs/file/files-status.ts";
import type { InputCondition } from "../../inputs/input.ts";
import type { JournalStatus } from "../../journal/journal.ts";
import type { Silence } from "./silence-watch.ts";

/** How a source is, at one moment. */
export interface SourceStatus extends Omit<InputCondition, "type"> {
  /** `journal` is what an input has left behind that is not configured any more. */
  readonly type: InputCondition["type"] | "journal";
  /** Of a file input. */
  readonly files?: FilesStatus;
  readonly journals: readonly JournalStatus[];
  /** Of an input that is configured. */
  readonly silence?: Silence | undefined;
}

export interface Source {
  /** Throws a TallymanError for what the user can fix. */
  start(): Promise<void>;
  /** Takes in and reads nothing more. */
  stop(): Promise<void>;
  /** Closes what is open. Comes last, after the last state was written. */
  close(): Promise<void>;
}
