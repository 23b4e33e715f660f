/** Inputs as the status tells them: their sources put together, and bounded where there are very many files. */
import { expect, test } from "vitest";
import type { FileStatus } from "../../../../src/inputs/file/files-status.ts";
import type { JournalStatus } from "../../../../src/journal/journal.ts";
import { RateKeeper } from "../../../../src/agent/status/rates.ts";
import { inputStatuses } from "../../../../src/agent/status/input-status.ts";
import type { SourceStatus } from "../../../../src/agent/sources/source.ts";
import { closeBooks } from "../../../../src/ledger/books.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";

const now_ms = 1_742_539_067_000;
const rates = new RateKeeper(new ManualClock(), () => closeBooks({}));
const looked = { now_ms, sockets_missing: new Set(["gone"]), rates };

function file(number: number, changes: Partial<FileStatus> = {}): FileStatus {
  return {
    path: `/var/log/${number}.log`,
    state: "live",
    size_bytes: 1000,
    read_bytes: 1000,
    settled_bytes: 1000,
    lag_bytes: 0,
    oldest_at_ms: undefined,
    unfinished_bytes: 0,
    unfinished_at_ms: undefined,
    trouble: undefined,
    encoding: undefined,
    is_mixed: false,
    ...changes,
  };
}

function journal(changes: Partial<JournalStatus> = {}): JournalStatus {
  return {
    events_unread: 0,
    output: undefined,
    bytes: 0,
    bytes_max: 100,
    segments: 1,
    oldest_at_ms: undefined,
    is_closed: false,
    trouble: undefined,
    ...changes,
  };
}

function files(...list: FileStatus[]): SourceStatus {
  const waiting_since_ms = now_ms - 3000;
  return {
    type: "file",
    files: {
      files: list,
      further: { files: 0, bytes: 0 },
      open: 1,
      is_flushing: false,
      unmatched: [],
      excluded: [],
      unreadable: [],
      refused: [],
      waiting_since_ms,
    },
    journals: [],
  };
}

test("input status - lag is the sum of its files' bytes, and the oldest of their events", () => {
  const behind = [
    file(1, { lag_bytes: 10, oldest_at_ms: now_ms - 5000 }),
    file(2, { lag_bytes: 20, oldest_at_ms: now_ms - 2000 }),
  ];
  const [status] = inputStatuses(new Map([["audit", files(...behind)]]), [], looked);
  expect(status).toMatchObject({ lag_bytes: 30, lag_seconds: 5, paused_seconds: 3 });
  expect(status!.files!.list.map(({ path }) => path)).toEqual(["/var/log/2.log", "/var/log/1.log"]);
});

test("input status - of records without an end it says how many bytes wait, and for how long the oldest", () => {
  const waiting = [
    file(1, { unfinished_bytes: 10, unfinished_at_ms: now_ms - 5000 }),
    file(2, { unfinished_bytes: 20, unfinished_at_ms: now_ms - 2000 }),
    file(3),
  ];
  const [status] = inputStatuses(new Map([["audit", files(...waiting)]]), [], looked);
  expect(status!.files!.unfinished).toEqual({
    files: 2,
    unfinished_bytes: 30,
    unfinished_seconds: 5,
  });
});

test("input status - an event in a buffer before an output is lag, too", () => {
  const buffers = [journal({ output: "splunk", oldest_at_ms: now_ms - 60_000 })];
  const audit = { ...files(file(1)), journals: buffers };
  const status = inputStatuses(new Map([["audit", audit]]), [], looked);
  expect(status).toMatchObject([
    { lag_bytes: 0, lag_seconds: 60, journals: [{ output: "splunk" }] },
  ]);
});

test("input status - of very many files the furthest behind are told, and the others together", () => {
  const level = Array.from({ length: 10_000 }, (_, number) => file(number));
  const behind = Array.from({ length: 250 }, (_, number) =>
    file(20_000 + number, { lag_bytes: number + 1, oldest_at_ms: now_ms - 1000 }),
  );
  const [status] = inputStatuses(new Map([["audit", files(...level, ...behind)]]), [], looked);
  const { list, others, followed } = status!.files!;
  expect(followed).toBe(10_250);
  expect(list).toHaveLength(200);
  expect(list[0]).toMatchObject({ lag_bytes: 250 });
  // 50 + 49 + … + 1.
  expect(others).toEqual({ files: 10_050, lag_bytes: 1275, lag_seconds: 1 });
});

test("input status - a journal that an input has left behind is shown by itself", () => {
  const left: SourceStatus = { type: "journal", journals: [journal({ output: "gone" })] };
  const audit = { ...files(file(1)), journals: [journal({ output: "gone" })] };
  const sources = new Map([
    ["audit", audit],
    ["other", left],
  ]);
  expect(inputStatuses(sources, [], looked)).toMatchObject([
    { name: "audit", type: "file", journals: [{ output: "gone" }] },
    { name: "other", type: "journal", chain: "none", journals: [{ output: "gone" }] },
  ]);
});

test("input status - what cannot be read counts whether or not it was ever followed, and each path once", () => {
  const { files: status, ...source } = files(file(1), file(2, { trouble: "EIO" }));
  const unreadable = [
    { path: "/var/log/2.log", error: "EACCES" },
    { path: "/var/log/secret", error: "EACCES" },
  ];
  const refused = Array.from({ length: 60 }, (_, number) => ({
    path: `/var/log/link${number}`,
    reason: "link_untrusted" as const,
    message: "is a link",
    real: "/etc/shadow",
    key: "1:2",
    is_asked_for: number === 59,
  }));
  const audit = { ...source, files: { ...status!, unreadable, refused } };
  const [status_of_it] = inputStatuses(new Map([["audit", audit]]), [], looked);
  const report = status_of_it!.files!;
  expect(report).toMatchObject({
    unreadable: 2,
    unreadable_list: [
      { path: "/var/log/2.log", error: "EIO" },
      { path: "/var/log/secret", error: "EACCES" },
    ],
    refused: 60,
  });
  const { refused_list } = report;
  expect(refused_list).toHaveLength(50);
  expect(refused_list[0]).toEqual({
    path: "/var/log/link59",
    reason: "link_untrusted",
    message: "is a link",
    is_asked_for: true,
  });
});

test("input status - a socket that is gone from its path", () => {
  const socket = { type: "socket", journals: [] } as const;
  const sources = new Map([
    ["there", socket],
    ["gone", socket],
  ]);
  expect(inputStatuses(sources, [], looked)).toMatchObject([
    { name: "there", socket_missing: false },
    { name: "gone", socket_missing: true },
  ]);
});
