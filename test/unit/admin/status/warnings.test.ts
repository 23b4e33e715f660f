/** What is said to need looking at, and what is not. */
import { describe, expect, test } from "vitest";
import type { Status, StepStatus } from "../../../../src/admin/status/status.ts";
import { warningsIn } from "../../../../src/admin/status/warnings.ts";
import {
  inputStatus,
  outputReport,
  statusOf,
  stepStatus,
} from "../../../support/reports/status.ts";

/** Each as `severity code subject: message`. */
function saidOf(changes: Partial<Status>): string[] {
  return warningsIn(statusOf(changes)).map(
    ({ severity, code, subject = "", message }) => `${severity} ${code} ${subject}: ${message}`,
  );
}

const files = inputStatus("audit").files!;
const file = {
  path: "/var/log/a.log",
  state: "live",
  size_bytes: 10,
  read_bytes: 0,
  settled_bytes: 0,
  lag_bytes: 10,
  lag_seconds: 0,
  unfinished_bytes: 0,
  unfinished_seconds: 0,
  trouble: "EACCES",
  encoding: undefined,
  is_mixed: false,
};
const journal = {
  output: undefined,
  bytes: 0,
  bytes_max: 1024,
  segments: 1,
  events_unread: 0,
  is_closed: false,
  trouble: undefined,
};
const endpoint = {
  url: "https://splunk:8088",
  state: "sending",
  reason: undefined,
  since: undefined,
  latency_seconds: 0.01,
  clock_ahead_seconds: 0.5,
} as const;
const hec = {
  endpoints: [endpoint],
  requests: 1,
  requests_failed: 0,
  requests_in_flight: 0,
  requests_in_flight_max: 1,
  batches_waiting: 0,
  bytes: 1,
  events_unacknowledged: 0,
  events_repeated: 0,
  refused_indexes: [],
};

test("warnings - an agent that is well has none", () => {
  expect(saidOf({})).toEqual([]);
  expect(saidOf({ outputs: [outputReport("splunk", { hec })] })).toEqual([]);
});

test.each<[string, Partial<Status>, string[]]>([
  [
    "a glob without a file",
    { inputs: [inputStatus("audit", { files: { ...files, unmatched: ["/var/log/*.log"] } })] },
    ["problem glob_without_match audit: /var/log/*.log matches no file"],
  ],
  [
    "agents that share a name",
    {
      inputs: [
        inputStatus("fleet", {
          files: undefined,
          batches: {
            open: 0,
            taken: 8,
            repeated: 0,
            refused: 0,
            put_off: 0,
            whole: 0,
            unpacked: {},
            shared: [{ agent: "web-1", hosts: ["host-a", "host-b"] }],
          },
        }),
      ],
    },
    [
      "problem nats_agent_shared fleet: two agents have the name web-1 (host-a, host-b); " +
        "give each an `agent` and a `state_dir` of its own",
    ],
  ],
  [
    "a file that cannot be read",
    {
      inputs: [
        inputStatus("audit", {
          files: {
            ...files,
            unreadable: 1,
            unreadable_list: [{ path: "/var/log/a.log", error: "EACCES" }],
          },
        }),
      ],
    },
    ["problem file_unreadable audit: 1 file cannot be read, such as /var/log/a.log (EACCES)"],
  ],
  [
    "what is not followed",
    {
      inputs: [
        inputStatus("audit", {
          files: {
            ...files,
            refused: 9,
            refused_list: [
              { path: "/l", reason: "link_untrusted", message: "is a link", is_asked_for: true },
              { path: "/s", reason: "own", message: "is tallyman's own", is_asked_for: false },
            ],
          },
        }),
      ],
    },
    [
      "problem file_refused audit: /l is a link",
      "hint file_refused audit: /s is tallyman's own",
      "hint file_refused audit: 7 more paths are not followed",
    ],
  ],
  [
    "a file that is UTF-8 and UTF-16",
    {
      inputs: [
        inputStatus("audit", {
          files: { ...files, not_utf8: 2, list: [{ ...file, is_mixed: true }] },
        }),
      ],
    },
    [
      "problem file_not_utf8 audit: 2 files hold records in a second encoding, such as /var/log/a.log",
    ],
  ],
  [
    "a last record without an end",
    {
      inputs: [
        inputStatus("audit", {
          files: {
            ...files,
            unfinished: { files: 2, unfinished_bytes: 47, unfinished_seconds: 305 },
            list: [{ ...file, trouble: undefined, unfinished_bytes: 37, unfinished_seconds: 305 }],
          },
        }),
        inputStatus("slow", {
          files: {
            ...files,
            unfinished: { files: 1, unfinished_bytes: 37, unfinished_seconds: 119 },
          },
        }),
        inputStatus("flushed", {
          files: {
            ...files,
            is_flushing: true,
            unfinished: { files: 1, unfinished_bytes: 37, unfinished_seconds: 305 },
          },
        }),
      ],
    },
    [
      "problem record_unfinished audit: the last record of a file has waited for its end for 5 min and is not shipped, such as 37 B of /var/log/a.log; set flush_after if no more comes",
    ],
  ],
  [
    "an input that is held up",
    { inputs: [inputStatus("audit", { paused_seconds: 125 })] },
    [
      "problem input_paused audit: reading is paused for 2 min by backpressure: its output or buffer accepts no more events",
    ],
  ],
  [
    "a socket that was removed",
    { inputs: [inputStatus("apps", { socket_missing: true })] },
    [
      "problem socket_missing apps: its socket is gone from its path, so no sender finds it; restart tallyman",
    ],
  ],
  ["an input that is merely busy", { inputs: [inputStatus("audit", { paused_seconds: 5 })] }, []],
  [
    "journals",
    {
      inputs: [
        inputStatus("a", { journals: [{ ...journal, bytes: 900 }] }),
        inputStatus("b", { journals: [{ ...journal, bytes: 1024, is_closed: true }] }),
        inputStatus("c", {
          journals: [{ ...journal, output: "splunk", is_closed: true, trouble: "ENOSPC" }],
        }),
      ],
    },
    [
      "problem journal_nearly_full a: its journal is nearly full: 900 B of 1.0 KiB",
      "problem journal_full b: its journal is full: 1.0 KiB of 1.0 KiB",
      "problem journal_unwritable c@splunk: its journal cannot be written (ENOSPC) and accepts nothing",
    ],
  ],
  [
    "a token that is rejected, today and since another day",
    {
      outputs: [
        outputReport("one", {
          state: "paused",
          reason: "invalid_token",
          since: "2026-03-21T13:59:00.000Z",
        }),
        outputReport("two", {
          state: "paused",
          reason: "invalid_token",
          since: "2026-03-20T13:59:00.000Z",
        }),
      ],
    },
    [
      "problem output_not_sending one: the token is rejected (invalid_token) since 13:59 UTC",
      "problem output_not_sending two: the token is rejected (invalid_token) since 2026-03-20 13:59 UTC",
    ],
  ],
  [
    "a server that was busy a moment ago",
    {
      outputs: [
        outputReport("splunk", {
          state: "retrying",
          reason: "server_busy",
          since: "2026-03-21T14:02:00.000Z",
        }),
      ],
    },
    [],
  ],
  [
    "one endpoint of several that is down",
    {
      outputs: [
        outputReport("splunk", {
          hec: {
            ...hec,
            endpoints: [
              endpoint,
              {
                ...endpoint,
                url: "https://other:8088",
                state: "retrying",
                reason: "unreachable",
                since: "2026-03-21T13:59:00.000Z",
              },
            ],
          },
        }),
      ],
    },
    [
      "problem endpoint_not_sending splunk https://other:8088: retrying (unreachable) since 13:59 UTC",
    ],
  ],
  [
    "clocks that differ",
    {
      outputs: [
        outputReport("splunk", {
          hec: {
            ...hec,
            endpoints: [
              { ...endpoint, clock_ahead_seconds: 40.4 },
              { ...endpoint, clock_ahead_seconds: -40.4 },
            ],
          },
        }),
      ],
    },
    [
      "problem clock_skew splunk https://splunk:8088: the server's clock is 40 s ahead of this machine's",
      "problem clock_skew splunk https://splunk:8088: the server's clock is 40 s behind this machine's",
    ],
  ],
  [
    "a disk with little room, whose state cannot be written",
    { disk: { free_bytes: 200 * 1024 ** 2, size_bytes: 100 * 1024 ** 3, write_failing: true } },
    [
      "problem state_unwritable : the state file cannot be written: reading stops until it can",
      "problem disk_nearly_full : the disk of state_dir has 200.0 MiB left",
    ],
  ],
  [
    "a small disk that is half empty",
    { disk: { free_bytes: 50 * 1024 ** 2, size_bytes: 100 * 1024 ** 2, write_failing: false } },
    [],
  ],
  [
    "a disk that hangs",
    { disk: { free_bytes: undefined, size_bytes: undefined, write_failing: false } },
    ["problem disk_unknown : the file system of state_dir does not answer"],
  ],
  [
    "a quarantine with something in it",
    { quarantine: { bytes: 10, bytes_max: 100 } },
    [
      "problem quarantine_not_empty : the quarantine is not empty: 10 B of 100 B; `tallyman quarantine list` shows why",
    ],
  ],
  [
    "a quarantine that is nearly full",
    { quarantine: { bytes: 90, bytes_max: 100 } },
    [
      "problem quarantine_nearly_full : the quarantine is nearly full: 90 B of 100 B; `tallyman quarantine list` shows why",
    ],
  ],
  [
    "a reload that was refused",
    {
      config: {
        file: "/c",
        digest: "abc",
        last_reload: { at: "2026-03-21T14:00:00.000Z", result: "refused", reason: "one mistake" },
      },
    },
    ["problem reload_refused : the last reload was refused at 14:00 UTC: one mistake"],
  ],
  [
    "books that do not balance",
    { books: { ...statusOf().books, balanced: false } },
    ["problem unbalanced : the books do not balance"],
  ],
])("warnings - %s", (_, changes, said) => {
  expect(saidOf(changes)).toEqual(said);
});

test("warnings - an outage is told of although the clock was put back since it began", () => {
  const since = "2026-03-21T15:00:00.000Z";
  const outage = { state: "retrying", reason: "server_busy", since } as const;
  expect(saidOf({ outputs: [outputReport("splunk", outage)] })).toEqual([
    "problem output_not_sending splunk: retrying (server_busy) since 15:00 UTC",
  ]);
});

test("warnings - what is missing during the start may only be late", () => {
  const inputs = [inputStatus("audit", { files: { ...files, unmatched: ["/var/log/*.log"] } })];
  expect(saidOf({ inputs, state: "starting" })).toEqual([
    "problem not_ready : the agent is starting",
  ]);
});

test("warnings - a rule that never matched is a hint, where no input that shares it has a match", () => {
  const seen = (name: string, matched: number) =>
    inputStatus(name, {
      chain_events: 20_000,
      steps: [stepStatus("filter", { events: 20_000, filtered: matched })],
    });
  expect(saidOf({ inputs: [seen("a", 0), seen("b", 0)] })).toEqual([
    "hint rule_never_matched filter: the step has matched none of 40000 events",
  ]);
  expect(saidOf({ inputs: [seen("a", 0), seen("b", 1)] })).toEqual([]);
  // A chain of its own has nobody else's matches.
  const own = { ...seen("a", 0), chain: "own" as const };
  expect(saidOf({ inputs: [own, seen("b", 1)] })).toEqual([
    "hint rule_never_matched a filter: the step has matched none of 20000 events",
  ]);
});

test("warnings - a plugin of the user's own need not match, and a rule needs events first", () => {
  const steps = [stepStatus("mine", { events: 20_000 }), stepStatus("filter", { events: 9999 })];
  expect(saidOf({ inputs: [inputStatus("a", { chain_events: 20_000, steps })] })).toEqual([]);
});

test("warnings - a filter that has dropped everything is a hint, once it has seen enough", () => {
  const seen = (name: string, events: number, filtered: number) =>
    inputStatus(name, {
      chain_events: events,
      steps: [stepStatus("filter", { events, filtered })],
    });
  expect(saidOf({ inputs: [seen("a", 8000, 8000), seen("b", 3000, 3000)] })).toEqual([
    "hint filter_ended_all filter: the step has kept none of 11000 events",
  ]);
  expect(saidOf({ inputs: [seen("a", 8000, 8000), seen("b", 3000, 2999)] })).toEqual([]);
  expect(saidOf({ inputs: [seen("a", 9999, 9999)] })).toEqual([]);
});

test("warnings - a step that fails now and then is a hint, and one that fails on many events a problem", () => {
  const failing = (name: string, failed: number) =>
    inputStatus(name, { steps: [stepStatus("mine", { events: 1000, dropped: failed, failed })] });
  expect(saidOf({ inputs: [failing("a", 0)] })).toEqual([]);
  expect(saidOf({ inputs: [failing("a", 10), failing("b", 10)] })).toEqual([
    "hint step_failed mine: the step has failed on 20 of 2000 events; the log says why (step_failed)",
  ]);
  // An input with a chain of its own counts for itself.
  const own = { ...failing("b", 11), chain: "own" as const };
  expect(saidOf({ inputs: [failing("a", 0), own] })).toEqual([
    "problem step_failed b mine: the step has failed on 11 of 1000 events; the log says why (step_failed)",
  ]);
});

test("warnings - a step that is given nothing is a hint", () => {
  const steps = [stepStatus("filter", { events: 20_000, filtered: 19_999 }), stepStatus("mine")];
  expect(saidOf({ inputs: [inputStatus("a", { chain_events: 20_000, steps })] })).toEqual([
    "hint step_without_events mine: the step was given none of 20000 events",
  ]);
});

describe("redaction", () => {
  const missing = (path: string, did_you_mean?: string) => ({ path, did_you_mean });
  const seen = (name: string, changes: Partial<StepStatus>) =>
    inputStatus(name, { steps: [stepStatus("redact", { events: 100, ...changes })] });
  const nothing = "has found nothing by its rules in 100 events: they are shipped as they are";

  test.each<[string, Status["inputs"], string[]]>([
    ["fewer events", [seen("a", { events: 99, unmatched: [missing("t", "s")] })], []],
    [
      "a step that finds nothing",
      [seen("a", { unmatched: [missing("t")] })],
      [`problem redaction_never_matched a redact: ${nothing}`],
    ],
    [
      "one that is mistyped",
      [seen("a", { unmatched: [missing("**.x"), missing("hs.A", "h.A")] })],
      [`problem redaction_never_matched a redact: ${nothing}; did you mean h.A for hs.A?`],
    ],
    ["one that ends all events", [seen("a", { quarantined: 100, unmatched: [missing("t")] })], []],
    [
      "one that finds something for another input of the common chain",
      [seen("a", { unmatched: [missing("t")] }), seen("b", { changed: 1 })],
      [`hint redaction_never_matched a redact: ${nothing}`],
    ],
    [
      "one that is mistyped for one input of the common chain",
      [seen("a", { unmatched: [missing("hs.A", "h.A")] }), seen("b", { changed: 1 })],
      [`problem redaction_never_matched a redact: ${nothing}; did you mean h.A for hs.A?`],
    ],
    [
      "one that finds something for an input with a chain of its own",
      [{ ...seen("a", { unmatched: [missing("t")] }), chain: "own" }, seen("b", { changed: 1 })],
      [`problem redaction_never_matched a redact: ${nothing}`],
    ],
    [
      "a mistyped path beside one that finds something",
      [seen("a", { changed: 9, unmatched: [missing("**.x"), missing("hs.A", "h.A")] })],
      [
        "problem redacted_path_never_matched a redact: the path hs.A has found nothing in 100 events; did you mean h.A for hs.A?",
      ],
    ],
    [
      "a path for rare values beside one that finds something",
      [seen("a", { events: 9999, changed: 9, unmatched: [missing("**.x"), missing("h.B")] })],
      [],
    ],
    [
      "one that nothing of very many events has",
      [seen("a", { events: 10_000, changed: 9, unmatched: [missing("**.x"), missing("h.B")] })],
      ["hint redacted_path_never_matched a redact: the path h.B has found nothing in 10000 events"],
    ],
    [
      "one that only another input's events have",
      [
        seen("a", { events: 10_000, changed: 9, unmatched: [missing("h.B")] }),
        seen("b", { events: 10, changed: 1 }),
      ],
      [],
    ],
  ])("warnings - %s", (_, inputs, expected) => {
    expect(saidOf({ inputs })).toEqual(expected);
  });
});

test("warnings - an input that is silent for longer than it should be", () => {
  const silence = { silent_seconds: 700, expect_every_seconds: 600, is_silent: true };
  const [warning] = warningsIn(statusOf({ inputs: [inputStatus("audit", { silence })] }));
  expect(warning).toEqual({
    code: "input_silent",
    severity: "problem",
    subject: "audit",
    message:
      "no event has come in for 11 min, and one is expected every 10 min (expect_every); is its writer running?",
  });
  const heard = { ...silence, is_silent: false };
  expect(warningsIn(statusOf({ inputs: [inputStatus("audit", { silence: heard })] }))).toEqual([]);
});

test("warnings - ten thousand inputs of one chain are looked at once each, not each beside each", () => {
  let looks = 0;
  const step = stepStatus("redact", { plugin: "redact", events: 200, changed: 1 });
  const inputs = Array.from({ length: 10_000 }, (_, number) => {
    const input = inputStatus(`input-${number}`);
    return Object.defineProperty({ ...input }, "steps", {
      get: () => {
        looks += 1;
        return [step];
      },
    });
  });
  expect(warningsIn(statusOf({ inputs }))).toEqual([]);
  expect(looks).toBeLessThan(20 * inputs.length);
});
