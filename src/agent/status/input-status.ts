/**
 * The state of an input, as the status reports it: what its source says, what its steps have counted, and how far it is behind.
 */
import type {
  FileReport,
  FilesReport,
  InputStatus,
  JournalReport,
  RefusedReport,
  StepStatus,
  UnreadableReport,
} from "../../admin/status/status.ts";
import type { SilenceReport } from "../../admin/status/input-reports.ts";
import type { StepCounts } from "../../chain/step.ts";
import type { FilesStatus, FileStatus } from "../../inputs/file/files-status.ts";
import type { Refusal } from "../../inputs/file/discovery/refusal.ts";
import type { JournalStatus } from "../../journal/journal.ts";
import type { CompiledInput } from "../setup/compile.ts";
import type { Silence } from "../sources/silence-watch.ts";
import type { SourceStatus } from "../sources/source.ts";
import type { RateKeeper, Waiting } from "./rates.ts";

/** Of very many files, those that are the furthest behind. */
const listed_files_max = 200;
/** What is not followed is listed up to here, and counted. */
const listed_others_max = 50;

/** Of each input by its name. */
export function inputStatuses(
  sources: ReadonlyMap<string, SourceStatus>,
  inputs: readonly CompiledInput[],
  looked: Looked,
): InputStatus[] {
  return [...sources].map(([name, status]) =>
    inputStatus(
      name,
      status,
      inputs.find((each) => each.name === name),
      looked,
    ),
  );
}

/** What was looked at for a status, and when. */
export interface Looked {
  readonly now_ms: number;
  /** The names of the inputs whose sockets are gone from their paths. */
  readonly sockets_missing: ReadonlySet<string>;
  readonly rates: RateKeeper;
}

function inputStatus(
  name: string,
  status: SourceStatus,
  input: CompiledInput | undefined,
  { now_ms, sockets_missing, rates }: Looked,
): InputStatus {
  const { type, files, journals, socket_mode, listens_on, connections, batches, silence } = status;
  const oldest_at_ms = [...(files?.files ?? []), ...journals].map((each) => each.oldest_at_ms);
  return {
    name,
    type,
    socket_mode,
    listens_on,
    socket_missing: sockets_missing.has(name),
    connections,
    batches,
    files: files && filesReport(files, now_ms),
    journals: journals.map((journal) => journalReport(journal)),
    lag_bytes: files && sum(files.files.map(({ lag_bytes }) => lag_bytes)),
    lag_seconds: most(oldest_at_ms.map((at_ms) => secondsSince(at_ms, now_ms))),
    rates: rates.input(name),
    backlog: rates.backlog(name, waitingIn(status)),
    paused_seconds: secondsSince(files?.waiting_since_ms, now_ms),
    silence: silence && silenceReport(silence),
    chain: input === undefined ? "none" : input.options.chain === undefined ? "common" : "own",
    chain_events: input?.chain.events ?? 0,
    time_faults: input?.chain.scanner.times.faults.map((count) => ({ ...count })) ?? [],
    steps: input?.chain.steps.map((step) => stepStatus(step)) ?? [],
    lists:
      input?.chain.lists.map(({ path, count, trouble }) => ({ path, values: count, trouble })) ??
      [],
  };
}

function waitingIn({ files: followed, journals }: SourceStatus): Waiting {
  const files = followed?.files ?? [];
  const further_bytes = followed?.further.bytes ?? 0;
  return {
    bytes: sum(files.map(({ lag_bytes }) => lag_bytes)),
    events: sum(journals.map(({ events_unread }) => events_unread)),
    settled_bytes: further_bytes + sum(files.map(({ settled_bytes }) => settled_bytes)),
    size_bytes:
      further_bytes + sum(files.map(({ settled_bytes, lag_bytes }) => settled_bytes + lag_bytes)),
  };
}

function filesReport(status: FilesStatus, now_ms: number): FilesReport {
  const { files, further, open, unmatched, excluded, refused, is_flushing } = status;
  const unreadable = unreadableOf(status);
  const reports = furthestBehindFirst(files.map((file) => fileReport(file, now_ms)));
  const others = reports.slice(listed_files_max);
  const unfinished = reports.filter(({ unfinished_bytes }) => unfinished_bytes > 0);
  return {
    followed: files.length + further.files,
    open,
    unreadable: unreadable.length,
    unreadable_list: unreadable.slice(0, listed_others_max),
    refused: refused.length,
    refused_list: askedForFirst(refused).slice(0, listed_others_max).map(refusedReport),
    unfinished: {
      files: unfinished.length,
      unfinished_bytes: sum(unfinished.map(({ unfinished_bytes }) => unfinished_bytes)),
      unfinished_seconds: most(unfinished.map(({ unfinished_seconds }) => unfinished_seconds)),
    },
    is_flushing,
    not_utf8: files.filter(({ is_mixed }) => is_mixed).length,
    unmatched,
    excluded,
    list: reports.slice(0, listed_files_max),
    others: {
      files: others.length + further.files,
      lag_bytes: sum(others.map(({ lag_bytes }) => lag_bytes)),
      lag_seconds: most(others.map(({ lag_seconds }) => lag_seconds)),
    },
  };
}

/** Those that are followed, those that never could be, and directories. */
function unreadableOf({ files, unreadable }: FilesStatus): UnreadableReport[] {
  const errors = new Map(unreadable.map(({ path, error }) => [path, error]));
  for (const { path, trouble } of files) if (trouble !== undefined) errors.set(path, trouble);
  return [...errors].map(([path, error]) => ({ path, error }));
}

function askedForFirst(refused: readonly Refusal[]): Refusal[] {
  const others = refused.filter(({ is_asked_for }) => !is_asked_for);
  return [...refused.filter(({ is_asked_for }) => is_asked_for), ...others];
}

function refusedReport({ path, reason, message, is_asked_for }: Refusal): RefusedReport {
  return { path, reason, message, is_asked_for };
}

function fileReport(
  { oldest_at_ms, unfinished_at_ms, ...file }: FileStatus,
  now_ms: number,
): FileReport {
  const lag_seconds = secondsSince(oldest_at_ms, now_ms);
  return { ...file, lag_seconds, unfinished_seconds: secondsSince(unfinished_at_ms, now_ms) };
}

/** Those that are not behind keep their order, the live ones first: of many files that is most, and sorting costs. */
function furthestBehindFirst(files: readonly FileReport[]): FileReport[] {
  const behind = files.filter(({ lag_bytes }) => lag_bytes > 0);
  const level = files.filter(({ lag_bytes }) => lag_bytes === 0);
  return [
    ...behind.sort((one, other) => other.lag_bytes - one.lag_bytes),
    ...level.filter(({ state }) => state === "live"),
    ...level.filter(({ state }) => state !== "live"),
  ];
}

function journalReport(journal: JournalStatus): JournalReport {
  const { output, bytes, bytes_max, segments, events_unread, is_closed, trouble } = journal;
  return { output, bytes, bytes_max, segments, events_unread, is_closed, trouble };
}

function stepStatus(step: StepCounts): StepStatus {
  const { name, plugin, received, changed, filtered, dropped, quarantined, failed } = step;
  const ended = { changed, filtered, dropped, quarantined, failed };
  const timed_seconds = step.timed_ms / 1000;
  const timed = { timed_events: step.timed, timed_seconds };
  const { unmatched, doubts, is_keep } = step;
  return { name, plugin, events: received, ...ended, ...timed, unmatched, doubts, is_keep };
}

function silenceReport({ silent_ms, expect_every_ms, is_silent }: Silence): SilenceReport {
  return {
    silent_seconds: silent_ms / 1000,
    expect_every_seconds: expect_every_ms === undefined ? undefined : expect_every_ms / 1000,
    is_silent,
  };
}

function secondsSince(at_ms: number | undefined, now_ms: number): number {
  return at_ms === undefined ? 0 : Math.max(0, now_ms - at_ms) / 1000;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** Of none it is 0. There may be more numbers than a call takes. */
function most(numbers: readonly number[]): number {
  return numbers.reduce((highest, each) => Math.max(highest, each), 0);
}
