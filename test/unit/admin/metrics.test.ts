/** The text for Prometheus: well-formed by its own tool, bounded in labels, and true to the books. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { metrics, MetricsText } from "../../../src/admin/metrics/metrics.ts";
import type { FileReport, Status } from "../../../src/admin/status/status.ts";
import { closeBooks, emptyBooks } from "../../../src/ledger/books.ts";
import { Histogram } from "../../../src/platform/histogram.ts";
import { inputStatus, outputReport, statusOf, stepStatus } from "../../support/reports/status.ts";

const has_promtool = spawnSync("promtool", ["--version"]).status === 0;

function file(number: number): FileReport {
  return {
    path: `/var/log/${number}.log`,
    state: "live",
    size_bytes: 100,
    read_bytes: 0,
    settled_bytes: 0,
    lag_bytes: 100 - number,
    lag_seconds: number,
    unfinished_bytes: 0,
    unfinished_seconds: 0,
    trouble: undefined,
    encoding: undefined,
    is_mixed: false,
  };
}

/** A status with something for every metric. */
function fullStatus(): Status {
  const latency = new Histogram([0.1, 1]);
  latency.add(0.05, 3);
  latency.add(0.5, 2);
  latency.add(5, 1);
  const list = Array.from({ length: 30 }, (_, number) => file(number));
  const books = {
    ...emptyBooks(),
    received: 9,
    delivered: { splunk: 4 },
    made: { split: 1 },
    filtered: { "my step": 1 },
    quarantined: { "unreadable:redact": 1 },
    dropped: { journal_full: 1 },
    lost_bytes: { truncated: 17 },
    maybe_lost_bytes: 23,
    quarantine_removed: { quarantine_full: 1 },
  };
  return statusOf({
    config: {
      file: "/c",
      digest: "abc",
      last_reload: { at: "2026-03-21T14:00:00.000Z", result: "applied", reason: undefined },
    },
    inputs: [
      inputStatus("audit", {
        silence: { silent_seconds: 700, expect_every_seconds: 600, is_silent: true },
        files: {
          followed: 35,
          open: 30,
          unreadable: 0,
          unreadable_list: [],
          refused: 0,
          refused_list: [],
          unfinished: { files: 1, unfinished_bytes: 37, unfinished_seconds: 300 },
          is_flushing: false,
          not_utf8: 0,
          unmatched: ["/x/*"],
          excluded: [],
          list,
          others: { files: 5, lag_bytes: 7, lag_seconds: 99 },
        },
        time_faults: [
          { fault: "no_zone", events: 7, recent_events: 0, path: "time", shape: "99:99" },
        ],
        steps: [stepStatus("redact", { events: 5, changed: 2 })],
      }),
      inputStatus("apps", {
        type: "socket",
        files: undefined,
        lag_bytes: undefined,
        connections: 3,
        journals: [
          {
            output: "splunk",
            bytes: 1,
            bytes_max: 2,
            segments: 1,
            events_unread: 1,
            is_closed: true,
            trouble: undefined,
          },
        ],
      }),
    ],
    outputs: [
      outputReport("splunk", {
        latency: latency.counts(),
        hec: {
          endpoints: [
            {
              url: "https://splunk:8088",
              state: "sending",
              reason: undefined,
              since: undefined,
              latency_seconds: 0.1,
              clock_ahead_seconds: -3,
            },
          ],
          requests: 7,
          requests_failed: 1,
          requests_in_flight: 1,
          requests_in_flight_max: 4,
          batches_waiting: 0,
          bytes: 1000,
          events_unacknowledged: 0,
          events_repeated: 0,
          refused_indexes: [],
        },
      }),
    ],
    books: closeBooks({ audit: { ...books, in_flight: 2 } }),
    books_written: { audit: books },
    quarantine: { bytes: 1, bytes_max: 100 },
    fleet: {
      agent: "web-1",
      group: "web",
      state: "taken",
      serial: 7,
      time: "2026-03-21T14:00:00.000Z",
      sha256: "00",
      connected: true,
      unread: undefined,
      shared: undefined,
      refused: { old_serial: 1 },
      refusal: undefined,
    },
  });
}

async function linesOf(status: Status): Promise<string[]> {
  return (await new MetricsText().of(status)).split("\n");
}

test.skipIf(!has_promtool)("metrics - promtool finds nothing to say", async () => {
  const input = await new MetricsText().of(fullStatus());
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
    input,
    encoding: "utf8",
  });
  expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
});

test("metrics - every one has a value where there is something to tell, with the labels it names", async () => {
  const lines = await linesOf(fullStatus());
  for (const { name, type, labels } of metrics) {
    const shown = type === "histogram" ? `${name}_count` : name;
    const line = lines.find((each) => each.startsWith(`${shown}{`) || each.startsWith(`${shown} `));
    expect(line, name).toBeDefined();
    const names = [...line!.matchAll(/(\w+)="/g)].map(([, label]) => label);
    expect(names, name).toEqual(labels);
  }
});

test("metrics - counters are those of the written books, which no crash can make fall", async () => {
  const lines = await linesOf(fullStatus());
  expect(lines).toContain('tallyman_events_received_total{input="audit"} 9');
  expect(lines).toContain('tallyman_events_delivered_total{input="audit",output="splunk"} 4');
  expect(lines).toContain('tallyman_events_filtered_total{input="audit",step="my step"} 1');
  expect(lines).toContain('tallyman_lost_bytes_total{input="audit",reason="truncated"} 17');
  expect(lines).toContain('tallyman_maybe_lost_bytes_total{input="audit"} 23');
  expect(lines).toContain('tallyman_events_in_flight{input="audit"} 2');
});

test("metrics - an output that has delivered nothing yet is there with 0", async () => {
  const lines = await linesOf(statusOf({ outputs: [outputReport("archive")] }));
  expect(lines).toContain('tallyman_events_delivered_total{input="audit",output="archive"} 0');
});

test("metrics - of many files, the 20 furthest behind have a label of their own, and the others one together", async () => {
  const lines = await linesOf(fullStatus());
  const lag = lines.filter((line) => line.startsWith("tallyman_file_lag_bytes{"));
  expect(lag).toHaveLength(21);
  expect(lag[0]).toBe('tallyman_file_lag_bytes{input="audit",file="/var/log/0.log"} 100');
  // 80 + 79 + … + 71 of the ten that are listed, and those that are not.
  expect(lag[20]).toBe('tallyman_file_lag_bytes{input="audit",file="(others)"} 762');
  expect(lines).toContain('tallyman_file_lag_seconds{input="audit",file="(others)"} 99');
});

test("metrics - two files with one path are one line", async () => {
  const files = { ...inputStatus("a").files!, list: [file(1), { ...file(1), lag_bytes: 5 }] };
  const lines = await linesOf(statusOf({ inputs: [inputStatus("a", { files })] }));
  const lag = lines.filter((line) => line.startsWith("tallyman_file_lag_bytes{"));
  expect(lag).toEqual(['tallyman_file_lag_bytes{input="a",file="/var/log/1.log"} 104']);
});

test("metrics - a histogram has all below each bound, and the sum", async () => {
  const lines = (await linesOf(fullStatus())).filter((line) =>
    line.startsWith("tallyman_delivery_latency_seconds_"),
  );
  expect(lines).toEqual([
    'tallyman_delivery_latency_seconds_bucket{output="splunk",le="0.1"} 3',
    'tallyman_delivery_latency_seconds_bucket{output="splunk",le="1"} 5',
    'tallyman_delivery_latency_seconds_bucket{output="splunk",le="+Inf"} 6',
    'tallyman_delivery_latency_seconds_sum{output="splunk"} 6.15',
    'tallyman_delivery_latency_seconds_count{output="splunk"} 6',
  ]);
});

test("metrics - names that anything may be in cannot break the text", async () => {
  const list = [{ ...file(1), path: '/var/log/a"b\n\\c.log' }];
  const files = { ...inputStatus("a").files!, list };
  const lines = await linesOf(statusOf({ inputs: [inputStatus("a", { files })] }));
  expect(lines).toContain(
    String.raw`tallyman_file_lag_bytes{input="a",file="/var/log/a\"b\n\\c.log"} 99`,
  );
});
