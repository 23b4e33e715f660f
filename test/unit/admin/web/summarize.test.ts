/** The summary for the page: bounded whatever there is, the worst first, and nothing left out of the sums. */
import { expect, test } from "vitest";
import type { FileReport } from "../../../../src/admin/status/status.ts";
import { summary_bytes_max, summaryText } from "../../../../src/admin/web/summarize.ts";
import type { Summary } from "../../../../src/admin/web/summary.ts";
import { closeBooks, emptyBooks } from "../../../../src/ledger/books.ts";
import { is_long, long } from "../../../support/effort.ts";
import {
  inputStatus,
  outputReport,
  statusOf,
  stepStatus,
} from "../../../support/reports/status.ts";
import { summaryOf } from "../../../support/reports/summary.ts";

function file(number: number, changes: Partial<FileReport> = {}): FileReport {
  return {
    path: `/var/log/${"very-long-name-".repeat(20)}${number}.log`,
    state: "live",
    size_bytes: 123_456_789,
    read_bytes: 123_456_789,
    settled_bytes: 123_456_789,
    lag_bytes: number,
    lag_seconds: number,
    unfinished_bytes: 0,
    unfinished_seconds: 0,
    trouble: undefined,
    encoding: undefined,
    is_mixed: false,
    ...changes,
  };
}

function withFiles(name: string, followed: number, list: FileReport[]) {
  const { files } = inputStatus(name);
  return inputStatus(name, { lag_bytes: 7, files: { ...files!, followed, list } });
}

test("summary - of 10,000 files it lists the furthest behind, counts all, and stays below its size", () => {
  const list = Array.from({ length: 200 }, (_, number) => file(number));
  const text = summaryText(statusOf({ inputs: [withFiles("audit", 10_000, list)] }));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(summary_bytes_max);
  const { files, files_total } = JSON.parse(text) as Summary;
  expect(files_total).toBe(10_000);
  expect(files.map(({ lag_bytes }) => lag_bytes).slice(0, 3)).toEqual([199, 198, 197]);
  // The end of a path tells one file from another.
  expect(files[0]!.path).toMatch(/^….*-199\.log$/);
});

test("summary - hundreds of everything, with long names, stay below its size", long, () => {
  const wide = "ä".repeat(300);
  const count = is_long ? 300 : 120;
  const many = Array.from({ length: count }, (_, number) => number);
  const steps = many.map((number) => stepStatus(`${wide}${number}`));
  const inputs = many.map((number) => ({
    ...withFiles(`input_${number}`, 5, [file(number)]),
    chain: "own" as const,
    listens_on: wide,
    steps,
  }));
  const endpoints = many.map((number) => ({
    url: `https://${wide}:${number}`,
    state: "retrying" as const,
    reason: wide,
    since: undefined,
    latency_seconds: 1,
    clock_ahead_seconds: undefined,
  }));
  const hec = {
    endpoints,
    requests: 0,
    requests_failed: 0,
    requests_in_flight: 0,
    requests_in_flight_max: 4,
    batches_waiting: 0,
    bytes: 0,
    events_unacknowledged: 0,
    events_repeated: 0,
    refused_indexes: [],
  };
  const outputs = many.map((number) => outputReport(`output_${number}`, { hec }));
  const reasons = Object.fromEntries(many.map((number) => [`${wide}${number}`, 1]));
  const books = { ...emptyBooks(), received: count, dropped: reasons, in_flight: 0 };
  const all = Object.fromEntries(inputs.map(({ name }) => [name, books]));
  const text = summaryText(statusOf({ inputs, outputs, books: closeBooks(all) }));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(summary_bytes_max);
  const told = JSON.parse(text) as Summary;
  expect(told.inputs.length + told.other_inputs).toBe(count);
  expect(told.chains.length + told.other_chains).toBe(count);
  expect(told.outputs.length + told.other_outputs).toBe(count);
  expect(told.books.dropped.total).toBe(count * count);
  expect(told.files_total).toBe(5 * count);
});

test("summary - inputs with a problem come first, then those that are the furthest behind", () => {
  const quiet = inputStatus("quiet");
  const behind = inputStatus("behind", { lag_bytes: 10 });
  const gone = inputStatus("gone", { socket_missing: true });
  const { inputs } = summaryOf({ inputs: [quiet, behind, gone] });
  expect(inputs.map(({ name, has_problem }) => [name, has_problem])).toEqual([
    ["gone", true],
    ["behind", false],
    ["quiet", false],
  ]);
});

test("summary - a file in trouble is listed though it is not behind", () => {
  const list = [file(5), file(0, { trouble: "EACCES" })];
  const { files } = summaryOf({ inputs: [withFiles("audit", 2, list)] });
  expect(files.map(({ trouble }) => trouble)).toEqual(["EACCES", undefined]);
});

test("summary - a step of the common chain has the sums of all inputs, an own chain stands by itself", () => {
  const step = stepStatus("redact", {
    events: 10,
    changed: 4,
    timed_events: 2,
    timed_seconds: 1e-5,
  });
  const { chains } = summaryOf({
    inputs: [
      inputStatus("one", { steps: [step] }),
      inputStatus("two", { steps: [step] }),
      inputStatus("three", { chain: "own", steps: [stepStatus("filter", { filtered: 3 })] }),
    ],
  });
  expect(chains).toMatchObject([
    {
      name: "chain",
      inputs: 2,
      steps: [{ name: "redact", events: 20, changed: 8, microseconds: 5 }],
    },
    { name: "three", inputs: 1, steps: [{ name: "filter", filtered: 3 }] },
  ]);
});

test("summary - fates are summed by reason over all inputs, the largest first", () => {
  const books = (delivered: Record<string, number>, received: number) => {
    return { ...emptyBooks(), received, delivered, in_flight: 0 };
  };
  const all = closeBooks({ one: books({ a: 1, b: 2 }, 3), two: books({ a: 5 }, 5) });
  expect(summaryOf({ books: all }).books.delivered).toEqual({
    total: 8,
    reasons: [
      ["a", 6],
      ["b", 2],
    ],
  });
});
