/**
 * What the agent reports about itself, as `/status` gives it in JSON. Names are stable: scripts read them.
 *
 * Times are ISO 8601, lengths of time seconds, sizes bytes. It holds no secret, and no data of events but keys that a
 * path of a redact step may be meant to name.
 */
import type { FleetStatus } from "./fleet-status.ts";
import type { ProcessStatus } from "./process-status.ts";
import type { BatchesReport, SilenceReport } from "./input-reports.ts";
import type { BacklogStatus, InputRates, OutputRates } from "./rates.ts";
import type { RefusedIndexes, WaitingReport } from "./waiting-report.ts";
import type { TimeFault } from "../../event/time/event-times.ts";
import type { Books, InputBooks } from "../../ledger/books.ts";
import type { HistogramCounts } from "../../platform/histogram.ts";

/** The agent's: not its outputs'. */
export type AgentState = "starting" | "ready" | "stopping";

export interface Status {
  readonly version: string;
  readonly node: string;
  readonly pid: number;
  readonly state: AgentState;
  /** When it was collected. */
  readonly at: string;
  readonly started_at: string;
  readonly config: ConfigStatus;
  readonly inputs: readonly InputStatus[];
  /** The default one first. */
  readonly outputs: readonly OutputReport[];
  readonly quarantine: QuarantineStatus;
  readonly disk: DiskStatus;
  /** As it is. */
  readonly books: Books;
  /** What a crash now would leave of the books: what is written, and in journals. By input; none during the start. */
  readonly books_written: Readonly<Record<string, InputBooks>>;
  readonly process: ProcessStatus;
  /** Undefined for an agent that takes its configuration from no fleet. */
  readonly fleet?: FleetStatus | undefined;
}

export interface ConfigStatus {
  readonly file: string;
  /** SHA-256 of the configuration and the plugins in force, in hex. */
  readonly digest: string | undefined;
  readonly last_reload: ReloadStatus | undefined;
}

export interface ReloadStatus {
  readonly at: string;
  readonly result: "applied" | "refused";
  /** Why it was refused. */
  readonly reason: string | undefined;
  /** What it meant for events that waited; undefined where that was nothing. */
  readonly waiting?: WaitingReport | undefined;
}

export interface InputStatus {
  readonly name: string;
  /** `journal` is what is left of an input that is not configured any more. */
  readonly type: "file" | "socket" | "hec" | "stdin" | "nats" | "journal";
  /** Of a socket input. */
  readonly socket_mode: "stream" | "datagram" | undefined;
  /** Where it listens; undefined for others. */
  readonly listens_on: string | undefined;
  /** Whether its UNIX socket is gone from its path, so that no sender finds it. */
  readonly socket_missing: boolean;
  readonly connections: number | undefined;
  /** Of one that reads the batches of agents. */
  readonly batches?: BatchesReport | undefined;
  /** Of a file input. */
  readonly files: FilesReport | undefined;
  /** Its own, and those in front of outputs. */
  readonly journals: readonly JournalReport[];
  /** Bytes of files without a fate; undefined where there are no files. */
  readonly lag_bytes: number | undefined;
  /** How old the oldest event is that has no fate yet. */
  readonly lag_seconds: number;
  readonly rates: InputRates;
  readonly backlog: BacklogStatus;
  /** For how long it has not been read on, as there is no room where its events go. */
  readonly paused_seconds: number;
  /** Undefined of one that is not configured any more, and before the start. */
  readonly silence: SilenceReport | undefined;
  /** Whether its steps are the common chain's, or its own. */
  readonly chain: "common" | "own" | "none";
  /** Events that its chain was given since the start. */
  readonly chain_events: number;
  /** What is wrong with the times of its events, one for each fault. */
  readonly time_faults: readonly TimeFaultStatus[];
  readonly steps: readonly StepStatus[];
  /** The files that conditions of its chain take lists from. */
  readonly lists: readonly ListStatus[];
}

export interface ListStatus {
  readonly path: string;
  /** How many values of it are in use. */
  readonly values: number;
  /** Why it could not be read again after a change, in words that follow its name. */
  readonly trouble: string | undefined;
}

export interface FilesReport {
  readonly followed: number;
  readonly open: number;
  /** Files that match and cannot be read, and directories that cannot be looked into. */
  readonly unreadable: number;
  /** Of those, as many as are listed. */
  readonly unreadable_list: readonly UnreadableReport[];
  /** What matches and is not followed, such as links that lead elsewhere. */
  readonly refused: number;
  /** Of those, as many as are listed. */
  readonly refused_list: readonly RefusedReport[];
  /** Files whose last record has no end yet, and is not shipped. */
  readonly unfinished: UnfinishedStatus & { readonly files: number };
  /** Whether such records are shipped after some time, whatever they are. */
  readonly is_flushing: boolean;
  /** Files of which some records are in another encoding, so that no step can look into these. */
  readonly not_utf8: number;
  /** Configured paths that match nothing: no file, nothing excluded, refused or unreadable. */
  readonly unmatched: readonly string[];
  /** Configured paths that only excluded files match, and one of those. */
  readonly excluded: readonly { readonly path: string; readonly such_as: string }[];
  /** Those that are the furthest behind come first; of many files only those. */
  readonly list: readonly FileReport[];
  /** The files that are not in the list. */
  readonly others: LagStatus & { readonly files: number };
}

export interface UnreadableReport {
  readonly path: string;
  /** What the system last said, such as EACCES. */
  readonly error: string;
}

export interface RefusedReport {
  readonly path: string;
  /** A stable word. */
  readonly reason: string;
  /** Why, and what to do: follows the path. */
  readonly message: string;
  /** Whether the configured path names just this, or it is a link: not so for what lies among other files. */
  readonly is_asked_for: boolean;
}

export interface LagStatus {
  readonly lag_bytes: number;
  readonly lag_seconds: number;
}

/** What is at the end of a file, or of several, of records without an end. */
export interface UnfinishedStatus {
  readonly unfinished_bytes: number;
  /** How long the oldest of them has waited. */
  readonly unfinished_seconds: number;
}

export interface FileReport extends LagStatus, UnfinishedStatus {
  readonly path: string;
  readonly state: string;
  readonly size_bytes: number;
  readonly read_bytes: number;
  readonly settled_bytes: number;
  readonly trouble: string | undefined;
  /** What it is decoded from, where it is not UTF-8. */
  readonly encoding: string | undefined;
  /** Whether some of its records are in another encoding than the file. */
  readonly is_mixed: boolean;
  /** Of a compressed file its own size: until it is read to its end, how much it holds is not known. */
  readonly compressed_bytes?: number | undefined;
}

export interface JournalReport {
  /** The output that it is before; undefined for the one behind an input. */
  readonly output: string | undefined;
  readonly bytes: number;
  readonly bytes_max: number;
  readonly segments: number;
  readonly events_unread: number;
  /** Whether it takes nothing now. */
  readonly is_closed: boolean;
  readonly trouble: string | undefined;
}

/** Events are counted since the start. */
export interface TimeFaultStatus {
  /** A stable word. */
  readonly fault: TimeFault;
  readonly events: number;
  /** Of these, those since times are read as they are now. */
  readonly recent_events: number;
  /** Where the first of those has its time; undefined for the head of its text. */
  readonly path: string | undefined;
  /** How the first of those is written, with its digits as 9. */
  readonly shape: string;
}

/** Events are counted since the start. */
export interface StepStatus {
  readonly name: string;
  readonly plugin: string;
  readonly events: number;
  /** Of those: kept and changed. */
  readonly changed: number;
  readonly filtered: number;
  readonly dropped: number;
  readonly quarantined: number;
  /** Of the dropped and quarantined, those on which it failed. */
  readonly failed: number;
  /** Events whose time was taken, and how long they took together. */
  readonly timed_events: number;
  readonly timed_seconds: number;
  /** Of a redact step, the paths that have found nothing so far. */
  readonly unmatched: readonly UnmatchedPathStatus[];
  /** What is likely wrong with the values that its conditions and paths name. */
  readonly doubts: readonly NameDoubtStatus[];
  /** Whether it is a filter that ends all events but those that it names. */
  readonly is_keep: boolean;
}

export interface NameDoubtStatus {
  readonly path: string;
  /** The events have such a key with or without dots, or one with nearly that name; or the value is of another kind. */
  readonly kind: "dotted_key" | "near_key" | "other_kind";
  /** What is wrong, and what to write. */
  readonly message: string;
}

export interface UnmatchedPathStatus {
  readonly path: string;
  /** A path by which the events do have something. */
  readonly did_you_mean: string | undefined;
}

/** Whether events go, and if not, why and since when. */
export interface SendingStatus {
  readonly state: "sending" | "retrying" | "paused" | "blocked";
  readonly reason: string | undefined;
  readonly since: string | undefined;
}

export interface OutputReport extends SendingStatus {
  readonly name: string;
  readonly type: string;
  /** Of a `splunk_hec`; undefined for others. Counted since the start. */
  readonly hec: HecStatus | undefined;
  readonly rates: OutputRates;
  /** Seconds from when an event came in to its delivery, since the start. */
  readonly latency: HistogramCounts;
}

export interface HecStatus extends RefusedIndexes {
  readonly endpoints: readonly EndpointReport[];
  readonly requests: number;
  readonly requests_failed: number;
  readonly requests_in_flight: number;
  readonly requests_in_flight_max: number;
  readonly batches_waiting: number;
  /** Before compression. */
  readonly bytes: number;
  readonly events_unacknowledged: number;
  readonly events_repeated: number;
}

export interface EndpointReport extends SendingStatus {
  readonly url: string;
  readonly latency_seconds: number;
  /** By how much its clock is ahead of ours, to a second or so; undefined where it has not said. */
  readonly clock_ahead_seconds: number | undefined;
}

export interface QuarantineStatus {
  /** Undefined while the files do not answer. */
  readonly bytes: number | undefined;
  readonly bytes_max: number;
}

/** The file system of state_dir. Undefined while it does not answer. */
export interface DiskStatus {
  readonly free_bytes: number | undefined;
  readonly size_bytes: number | undefined;
  /** Whether the state file could not be written when that was tried last. */
  readonly write_failing: boolean;
}
