/**
 * What the page of the agent asks for each second: the status in short, of a bounded size whatever the number of files and
 * inputs. The worst come first, and of the rest there is a count.
 */
import type { CountsByReason } from "../../ledger/books.ts";
import type { Health } from "../status/health.ts";
import type { AgentState, DiskStatus, SendingStatus } from "../status/status.ts";
import type { Warning } from "../status/warning.ts";

export interface Summary {
  readonly host: string;
  readonly version: string;
  readonly pid: number;
  readonly state: AgentState;
  readonly at: string;
  readonly started_at: string;
  readonly uptime_seconds: number;
  readonly config: ConfigSummary;
  readonly health: Health;
  readonly books: BooksSummary;
  readonly inputs: readonly InputSummary[];
  readonly other_inputs: number;
  /** The inputs, all of them, by what their events go through. */
  readonly chains: readonly ChainSummary[];
  readonly other_chains: number;
  /** The default one first. */
  readonly outputs: readonly OutputSummary[];
  readonly other_outputs: number;
  /** Of all inputs, the furthest behind first. */
  readonly files: readonly FileSummary[];
  readonly files_total: number;
  readonly lag_bytes: number;
  readonly lag_seconds: number;
  readonly journals: readonly JournalSummary[];
  readonly other_journals: number;
  readonly quarantine: QuarantineSummary;
  readonly disk: DiskStatus;
  readonly process: ProcessSummary;
  /** Problems first. */
  readonly warnings: readonly Warning[];
  readonly other_warnings: number;
}

export interface ConfigSummary {
  readonly file: string;
  readonly digest: string | undefined;
  readonly reload: { readonly at: string; readonly result: "applied" | "refused" } | undefined;
}

/** The sums over all inputs, and by reason. */
export interface BooksSummary {
  readonly balanced: boolean;
  readonly received: number;
  readonly made: number;
  readonly replayed: number;
  readonly in_flight: number;
  readonly delivered: FateSummary;
  readonly filtered: FateSummary;
  readonly quarantined: FateSummary;
  readonly dropped: FateSummary;
  /** Bytes. */
  readonly lost: FateSummary;
  readonly maybe_lost_bytes: number;
  readonly quarantine_removed: number;
}

export interface FateSummary {
  readonly total: number;
  /** The largest first; the rest is in the total alone. */
  readonly reasons: readonly (readonly [reason: string, count: number])[];
}

export interface InputSummary {
  readonly name: string;
  readonly type: string;
  readonly listens_on: string | undefined;
  readonly connections: number | undefined;
  /** How many files it follows; undefined where it is not of files. */
  readonly files: number | undefined;
  readonly received: number;
  readonly in_flight: number;
  readonly lag_bytes: number;
  readonly lag_seconds: number;
  readonly paused_seconds: number;
  /** The name of its chain in `chains`. */
  readonly chain: string;
  readonly has_problem: boolean;
}

export interface ChainSummary {
  /** `chain` for the common one, else the input that has it. */
  readonly name: string;
  readonly inputs: number;
  readonly received: number;
  readonly steps: readonly StepSummary[];
  readonly other_steps: number;
  /** Events by output. */
  readonly delivered: CountsByReason;
}

export interface StepSummary {
  readonly name: string;
  readonly plugin: string;
  readonly events: number;
  readonly changed: number;
  readonly filtered: number;
  readonly dropped: number;
  readonly quarantined: number;
  readonly failed: number;
  /** What an event costs on average; undefined where none was measured. */
  readonly microseconds: number | undefined;
}

export interface OutputSummary extends SendingStatus {
  readonly name: string;
  readonly type: string;
  readonly delivered: number;
  /** Mean seconds from when an event came in to its delivery, since the start; undefined without events. */
  readonly latency_seconds: number | undefined;
  readonly requests: number | undefined;
  readonly requests_failed: number | undefined;
  readonly unacknowledged: number | undefined;
  readonly endpoints: readonly EndpointSummary[];
  readonly other_endpoints: number;
}

export interface EndpointSummary extends SendingStatus {
  readonly url: string;
  readonly latency_seconds: number;
}

export interface FileSummary {
  readonly input: string;
  readonly path: string;
  readonly state: string;
  readonly size_bytes: number;
  readonly lag_bytes: number;
  readonly lag_seconds: number;
  readonly trouble: string | undefined;
}

export interface JournalSummary {
  readonly input: string;
  readonly output: string | undefined;
  readonly bytes: number;
  readonly bytes_max: number;
  readonly events_unread: number;
  readonly is_closed: boolean;
  readonly trouble: string | undefined;
}

export interface QuarantineSummary {
  readonly bytes: number | undefined;
  readonly bytes_max: number;
}

export interface ProcessSummary {
  readonly cpu_seconds: number;
  readonly resident_bytes: number;
  readonly event_loop_delay_seconds_max: number;
}
