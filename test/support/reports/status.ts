/** A status of an agent that is well, for tests that change a part of it. */
import type {
  InputStatus,
  OutputReport,
  Status,
  StepStatus,
} from "../../../src/admin/status/status.ts";
import { closeBooks, emptyBooks } from "../../../src/ledger/books.ts";
import { Histogram } from "../../../src/platform/histogram.ts";

const GiB = 1024 ** 3;

export function stepStatus(name: string, changes: Partial<StepStatus> = {}): StepStatus {
  return {
    name,
    plugin: name,
    events: 0,
    changed: 0,
    filtered: 0,
    dropped: 0,
    quarantined: 0,
    failed: 0,
    timed_events: 0,
    timed_seconds: 0,
    unmatched: [],
    doubts: [],
    is_keep: false,
    ...changes,
  };
}

export function inputStatus(name: string, changes: Partial<InputStatus> = {}): InputStatus {
  return {
    name,
    type: "file",
    socket_mode: undefined,
    listens_on: undefined,
    socket_missing: false,
    connections: undefined,
    files: {
      followed: 0,
      open: 0,
      unreadable: 0,
      unreadable_list: [],
      refused: 0,
      refused_list: [],
      unfinished: { files: 0, unfinished_bytes: 0, unfinished_seconds: 0 },
      is_flushing: false,
      not_utf8: 0,
      unmatched: [],
      excluded: [],
      list: [],
      others: { files: 0, lag_bytes: 0, lag_seconds: 0 },
    },
    journals: [],
    lag_bytes: 0,
    lag_seconds: 0,
    rates: { events_per_second: 0, bytes_per_second: 0, delivered_per_second: 0 },
    backlog: { bytes: 0, events: 0, done: undefined, seconds_left: undefined },
    paused_seconds: 0,
    silence: { silent_seconds: 1, expect_every_seconds: undefined, is_silent: false },
    chain: "common",
    chain_events: 0,
    time_faults: [],
    steps: [],
    lists: [],
    ...changes,
  };
}

export function outputReport(name: string, changes: Partial<OutputReport> = {}): OutputReport {
  return {
    name,
    type: "splunk_hec",
    state: "sending",
    reason: undefined,
    since: undefined,
    hec: undefined,
    rates: { events_per_second: 0 },
    latency: new Histogram([1]).counts(),
    ...changes,
  };
}

export function statusOf(changes: Partial<Status> = {}): Status {
  const books = { ...emptyBooks(), received: 3, delivered: { splunk: 2 } };
  return {
    version: "1.2.3",
    node: "v26.0.0",
    pid: 4711,
    state: "ready",
    at: "2026-03-21T14:02:03.000Z",
    started_at: "2026-03-21T12:00:00.000Z",
    config: { file: "/etc/tallyman/config.yaml", digest: undefined, last_reload: undefined },
    inputs: [inputStatus("audit")],
    outputs: [outputReport("splunk")],
    quarantine: { bytes: 0, bytes_max: GiB },
    disk: { free_bytes: 100 * GiB, size_bytes: 200 * GiB, write_failing: false },
    books: closeBooks({ audit: { ...books, in_flight: 1 } }),
    books_written: { audit: books },
    process: {
      uptime_seconds: 7323,
      cpu_seconds: 10,
      resident_bytes: 100e6,
      heap_used_bytes: 50e6,
      descriptors_open: 30,
      descriptors_max: 1024,
      event_loop_delay: new Histogram([0.1]).counts(),
      event_loop_delay_seconds_max: 0.01,
    },
    ...changes,
  };
}
