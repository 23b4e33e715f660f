/** Agents in the states that somebody looks at them in, as statuses for tests of what is drawn. */
import type { Status } from "../../../src/admin/status/status.ts";
import { warningsIn } from "../../../src/admin/status/warnings.ts";
import type { Seen } from "../../../src/cli/status/overview.ts";
import { RateHistory } from "../../../src/cli/status/history.ts";
import { closeBooks, emptyBooks, type InputBooksNow } from "../../../src/ledger/books.ts";
import { Histogram } from "../../../src/platform/histogram.ts";
import { inputStatus, outputReport, statusOf, stepStatus } from "./status.ts";

const MiB = 1024 ** 2;
const steps = [
  stepStatus("filter", { plugin: "filter", events: 1_234_567, filtered: 123_456 }),
  stepStatus("redact", { plugin: "redact", events: 1_111_111, changed: 1_111_111 }),
];

function booksOf(changes: Partial<InputBooksNow> = {}): InputBooksNow {
  const delivered = { splunk: 1_110_000 };
  const filtered = { filter: 123_456 };
  return { ...emptyBooks(), received: 1_234_567, delivered, filtered, in_flight: 1111, ...changes };
}

function latency() {
  const histogram = new Histogram([0.5, 1, 5]);
  histogram.add(0.3, 90);
  histogram.add(3, 10);
  return histogram.counts();
}

const splunk = outputReport("splunk", {
  rates: { events_per_second: 2345.6 },
  latency: latency(),
});

/** One input that is behind, and one that is not. */
const well = statusOf({
  inputs: [
    inputStatus("audit", {
      lag_bytes: 700 * MiB,
      lag_seconds: 3700,
      rates: { events_per_second: 2345.6, bytes_per_second: 1.5 * MiB, delivered_per_second: 2300 },
      backlog: { bytes: 700 * MiB, events: 0, done: 0.31, seconds_left: 754 },
      steps,
    }),
    inputStatus("apps", {
      type: "socket",
      files: undefined,
      lag_bytes: undefined,
      connections: 12,
      steps,
    }),
  ],
  outputs: [splunk],
  books: closeBooks({ audit: booksOf() }),
});

const outage: Status = {
  ...well,
  outputs: [
    {
      ...splunk,
      rates: { events_per_second: 0 },
      state: "retrying",
      reason: "connection refused",
      since: "2026-03-21T13:40:00.000Z",
    },
    outputReport("archive", { type: "file", rates: { events_per_second: 17.5 } }),
  ],
};

const many = statusOf({
  inputs: Array.from({ length: 10_000 }, (_, number) =>
    inputStatus(`input-${number}`, {
      rates: { events_per_second: number, bytes_per_second: number * 300, delivered_per_second: 0 },
      lag_seconds: number === 7777 ? 600 : 0,
      socket_missing: number === 4711,
      steps,
    }),
  ),
  outputs: [splunk],
  books: closeBooks({ audit: booksOf({ received: 123_456_789_012, in_flight: 123_455_555_556 }) }),
});

/** What a name may hold that came from outside. */
export const hostile_name = "\u001b[2Jred\u202e日本語\u0007 é";

const hostile = statusOf({
  inputs: [inputStatus(hostile_name, { lag_seconds: 60, steps: [stepStatus(hostile_name)] })],
  outputs: [
    outputReport(hostile_name, {
      state: "blocked",
      reason: `\u001b]0;title\u0007${"x".repeat(300)}`,
      since: "2026-03-21T13:40:00.000Z",
    }),
  ],
});

export const agents: Readonly<Record<string, Status>> = {
  well,
  empty: statusOf({ inputs: [], outputs: [], books: closeBooks({}) }),
  starting: statusOf({ state: "starting", inputs: [], books: closeBooks({}) }),
  outage,
  many,
  quarantine: {
    ...well,
    quarantine: { bytes: 900 * MiB, bytes_max: 1024 * MiB },
    books: closeBooks({
      audit: booksOf({ quarantined: { redact: 4711 }, in_flight: 0, received: 1_238_167 }),
    }),
  },
  hostile,
};

/** As somebody sees it who looks once, or who has watched for a while. */
export function seenOf(status: Status, watched = false): Seen {
  const warnings = warningsIn(status);
  if (!watched) return { status, warnings, history: undefined };
  const history = new RateHistory();
  for (let second = 0; second < 90; second += 1) {
    const part = (1 + Math.sin(second / 7)) / 2;
    const inputs = status.inputs.map((input) => ({
      ...input,
      rates: { ...input.rates, events_per_second: input.rates.events_per_second * part },
    }));
    history.note({ ...status, inputs });
  }
  return { status, warnings, history };
}
