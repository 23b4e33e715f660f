/**
 * What a soak has shown: each thing that must hold, whether it does, and the figures.
 */
import type { InputBooksNow } from "../../src/ledger/books.ts";
import type { SoakOptions, SoakResult } from "./conductor.ts";
import type { Fit, Life, Sample } from "./samples.ts";
import { isFiltered } from "./sequence-counts.ts";

/** What an input may have read and not be covered by the written state (docs/delivery.md), by an event's least length. */
const repeats_per_kill_max = Math.ceil((16 * 1024 ** 2) / 900);
/** A life's memory is flat where its line grows by less: this share of its mean, or so many MB. */
const growth_share_max = 0.1;
const growth_mb_max = 10;
/** Connections come and go with outages, and files with rotation. */
const descriptor_growth_max = 8;
const rate_share_min = 0.95;

export interface Check {
  holds: boolean;
  what: string;
  figures: string;
}

export function checksOf(result: SoakResult, options: SoakOptions): Check[] {
  return [
    ...arrivalChecks(result),
    ...repeatChecks(result),
    ...bookChecks(result),
    ...result.lives.filter((life) => life.is_judged).flatMap(lifeChecks),
    {
      holds: result.exit_status === 0,
      what: "the agent ends with status 0",
      figures: String(result.exit_status),
    },
    ...lifecycleChecks(result),
    rateCheck(result, options),
  ];
}

function arrivalChecks({ totals, written, kept }: SoakResult): Check[] {
  const { file, socket } = totals;
  const socket_count = kept - filteredBelow(kept);
  const file_count = written - filteredBelow(written);
  return [
    {
      holds: file.distinct === file_count,
      what: "no event of the files is missing",
      figures: `${count(file.distinct)} of ${count(file_count)} arrived`,
    },
    {
      holds: socket.distinct >= socket_count,
      what: "no event of the socket is missing that was known to be kept",
      figures: `${count(socket.distinct)} of ${count(socket_count)} arrived`,
    },
  ];
}

function repeatChecks({ totals, incidents, kills, resent }: SoakResult): Check[] {
  const { file, socket, unanswered } = totals;
  const file_max = unanswered + kills * repeats_per_kill_max;
  const unexpected = incidents.filter(({ may_repeat, repeats }) => !may_repeat && repeats.file > 0);
  return [
    {
      holds: unexpected.length === 0,
      what: "events of the files come twice only after a kill or a reset",
      figures: unexpected.map(({ name, at_s }) => `${name} at ${at_s} s`).join(", ") || "none else",
    },
    {
      holds: file.repeats <= file_max,
      what: "and no more of them than were in flight",
      figures: `${count(file.repeats)} of at most ${count(file_max)}`,
    },
    {
      holds: socket.repeats <= file_max + resent,
      what: "the same over the socket, and what its sender sent again",
      figures: `${count(socket.repeats)} of at most ${count(file_max + resent)}`,
    },
  ];
}

function bookChecks({ books, totals, written, kills }: SoakResult): Check[] {
  const file = books?.inputs["file"];
  const socket = books?.inputs["socket"];
  if (books === undefined || file === undefined || socket === undefined) {
    return [{ holds: false, what: "the books are there", figures: "none were logged" }];
  }
  const { delivered, filtered } = sumsOf(file);
  const { total } = books;
  const lost = total.dropped + total.quarantined + total.lost_bytes + total.quarantine_removed;
  const over_socket = totals.socket.distinct + totals.socket.repeats;
  const by_socket = sumsOf(socket).delivered;
  const crash_repeats_max = totals.unanswered + kills * repeats_per_kill_max;
  return [
    {
      holds: books.balanced && total.in_flight === 0,
      what: "the books balance, and nothing is in flight",
      figures: `received ${count(total.received)}, delivered ${count(total.delivered)}`,
    },
    {
      holds: lost === 0,
      what: "nothing is dropped, lost or in quarantine",
      figures: String(lost),
    },
    {
      holds: file.received === written && filtered === filteredBelow(written),
      what: "the books have every event that was written into the files",
      figures: `${count(file.received)} of ${count(written)}`,
    },
    {
      holds: delivered === totals.file.distinct,
      what: "they have as delivered what the sink has counted of the files",
      figures: `${count(delivered)} and ${count(totals.file.distinct)}`,
    },
    {
      holds: by_socket <= over_socket && over_socket <= by_socket + crash_repeats_max,
      what: "and of the socket, but for what a crash repeated",
      figures: `${count(by_socket)} and ${count(over_socket)}`,
    },
  ];
}

function lifeChecks(life: Life): Check[] {
  const memory = (name: string, value: (sample: Sample) => number | undefined): Check[] => {
    const fit = life.fit(value);
    if (fit === undefined) return [];
    const limit = Math.max(growth_mb_max, fit.mean * growth_share_max);
    const figures = `${fit.per_minute.toFixed(2)} MB a minute, mean ${fit.mean.toFixed(0)} MB`;
    return [{ holds: fit.growth <= limit, what: `life ${life.number}: ${name} is flat`, figures }];
  };
  const steady = (name: string, value: (sample: Sample) => number, limit: number): Check => {
    const fit = life.fit(value)!;
    const figures = `${fit.per_minute.toFixed(2)} a minute, mean ${fit.mean.toFixed(1)}`;
    return { holds: fit.growth <= limit, what: `life ${life.number}: ${name} stay`, figures };
  };
  return [
    ...memory("RSS", ({ rss_mb }) => rss_mb),
    ...memory("heap", ({ heap_mb }) => heap_mb),
    steady("open files", ({ descriptors }) => descriptors, descriptor_growth_max),
    steady("threads", ({ threads }) => threads, 1),
  ];
}

/** A kill may repeat events of tallyman's own, too. */
function lifecycleChecks({ totals, lives, kills, incidents }: SoakResult): Check[] {
  const told = (about: string): number =>
    Object.entries(totals.own)
      .filter(([each]) => each.startsWith(`tallyman:lifecycle ${about}`))
      .reduce((sum, [, times]) => sum + times, 0);
  const starts = told("start");
  const reloads = incidents.filter(({ name }) => name.includes("reload")).length;
  return [
    {
      holds: starts >= lives.length && starts <= lives.length + kills,
      what: "every start was told to Splunk",
      figures: `${starts} of ${lives.length}`,
    },
    {
      holds: told("reload applied") >= reloads,
      what: "and every reload whose last configuration was valid",
      figures: `${told("reload applied")} applied and ${told("reload refused")} refused, at ${reloads} times`,
    },
  ];
}

function rateCheck(
  { written, kept, writing_seconds, held }: SoakResult,
  options: SoakOptions,
): Check {
  const rate = (written + kept) / writing_seconds;
  return {
    holds: rate >= rate_share_min * options.per_second && !held,
    what: `${count(options.per_second)} events/s were written`,
    figures: `${count(Math.round(rate))} events/s${held ? ", the disk was full" : ""}`,
  };
}

export function printReport(result: SoakResult, checks: readonly Check[]): void {
  const { lives, incidents, totals, complaints } = result;
  console.log("\n| incident | at s | repeats of files | of socket |");
  console.log("| --- | ---: | ---: | ---: |");
  for (const { name, at_s, repeats } of incidents) {
    console.log(`| ${name} | ${at_s} | ${count(repeats.file)} | ${count(repeats.socket)} |`);
  }
  console.log("\n| life | minutes | CPU s/s | RSS MB | heap MB | open files | threads | loop ms |");
  console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const life of lives) console.log(`| ${lifeCells(life).join(" | ")} |`);
  console.log("\n(each as mean, highest, and its growth a minute after the warm-up)\n");
  const { written, rotations, disk_bytes_most } = result;
  console.log(
    `${count(written)} events into files, ${rotations} rotations, ${(disk_bytes_most / 1e9).toFixed(1)} GB on the disk at most; ` +
      `${count(result.kept)} over the socket, ${count(result.resent)} of them sent again; ${count(totals.requests)} requests.`,
  );
  console.log(`tallyman's own events: ${JSON.stringify(totals.own)}`);
  console.log(`Warnings and errors in the log:`);
  for (const [message, times] of complaints) console.log(`  ${times} × ${message.slice(0, 100)}`);
  console.log("");
  for (const { holds, what, figures } of checks) {
    console.log(`${holds ? "holds" : "FAILS"}  ${what}: ${figures}`);
  }
}

function lifeCells(life: Life): string[] {
  const cell = (value: (sample: Sample) => number | undefined): string => {
    const fit = life.fit(value);
    return fit === undefined ? "" : fitText(fit);
  };
  return [
    String(life.number),
    life.minutes.toFixed(1),
    life.cpu_per_second.toFixed(2),
    cell(({ rss_mb }) => rss_mb),
    cell(({ heap_mb }) => heap_mb),
    cell(({ descriptors }) => descriptors),
    cell(({ threads }) => threads),
    cell(({ loop_delay_ms }) => loop_delay_ms),
  ];
}

function fitText({ mean, max, per_minute }: Fit): string {
  const sign = per_minute < 0 ? "" : "+";
  return `${mean.toFixed(0)}, ${max.toFixed(0)}, ${sign}${per_minute.toFixed(2)}`;
}

/** How many of the numbers below this one the filter ends. */
function filteredBelow(end: number): number {
  const whole = Math.floor(end / 8);
  let filtered = whole;
  for (let number = whole * 8; number < end; number += 1) if (isFiltered(number)) filtered += 1;
  return filtered;
}

function sumsOf(books: InputBooksNow): { delivered: number; filtered: number } {
  const sum = (counts: Record<string, number>): number =>
    Object.values(counts).reduce((total, each) => total + each, 0);
  return { delivered: sum(books.delivered), filtered: sum(books.filtered) };
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
