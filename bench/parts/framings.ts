/**
 * What each framing costs: the same audit events in files that are framed in each way, caught up with as throughput.ts
 * does. Each framing runs in turn within each round, and is compared with `lines` in the same round.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { catchUp, figuresOf, type Measured, median } from "./throughput.ts";

/** How a program writes events for a framing. */
interface Case {
  name: string;
  /** As in the configuration. */
  framing: string;
  /** What is written for an event, where it is not the event alone. */
  record?: (event: string, number: number) => string;
  /** Whether it is sent as one line whatever is in it: text is, in JSON. */
  is_text?: true;
  /** What stands before, between and after the events. */
  around: readonly [before: string, between: string, after: string];
}

const lines = "lines";
const cases: readonly Case[] = [
  { name: lines, framing: "lines", around: ["", "\n", "\n"] },
  {
    name: "lines, separator",
    framing: '{ lines: { separator: "\\x1e" } }',
    around: ["", "\x1e", "\x1e"],
  },
  { name: "octet_counted", framing: "octet_counted", record: counted, around: ["", "", ""] },
  { name: "json, a document a line", framing: "json", around: ["", "\n", "\n"] },
  { name: "json, with indents", framing: "json", record: indented, around: ["", "\n", "\n"] },
  {
    name: "json, records",
    framing: "{ json: { records: Records } }",
    around: ['{"Records":[', ",", "]}"],
  },
  {
    name: "multiline, by start",
    framing: "{ multiline: { start: '^\\d{4}-\\d\\d-\\d\\d ', flush_after: 100ms } }",
    record: grouped,
    is_text: true,
    around: ["", "\n", "\n"],
  },
  {
    name: "multiline, by end",
    framing: "{ multiline: { end: ';$' } }",
    record: grouped,
    is_text: true,
    around: ["", "\n", "\n"],
  },
  {
    name: "cri",
    framing: "cri",
    record: (event) => `2025-03-21T06:37:27.915055685Z stdout F ${event}`,
    around: ["", "\n", "\n"],
  },
  {
    name: "cri, in 2 parts",
    framing: "cri",
    record: (event) =>
      `2025-03-21T06:37:27.915055685Z stdout P ${event.slice(0, 500)}\n` +
      `2025-03-21T06:37:27.915055686Z stdout F ${event.slice(500)}`,
    is_text: true,
    around: ["", "\n", "\n"],
  },
  {
    name: "docker",
    framing: "docker",
    record: (event) =>
      JSON.stringify({
        log: `${event}\n`,
        stream: "stdout",
        time: "2025-03-21T06:37:27.915055685Z",
      }),
    around: ["", "\n", "\n"],
  },
  {
    name: "syslog, RFC 5424",
    framing: "syslog",
    record: (event) => `<134>1 2025-03-21T06:37:27.915055Z host-1 weka 812 - - ${event}`,
    around: ["", "\n", "\n"],
  },
  {
    name: "syslog, RFC 3164",
    framing: "syslog",
    record: (event) => `<134>Mar 21 06:37:27 host-1 weka[812]: @cee:${event}`,
    around: ["", "\n", "\n"],
  },
  {
    name: "auditd, 4 lines",
    framing: "auditd",
    record: audited,
    is_text: true,
    around: ["", "\n", "\n"],
  },
  {
    name: "journald, 6 fields",
    framing: "journald",
    record: exported,
    is_text: true,
    around: ["", "\n\n", "\n\n"],
  },
];

export interface FramingsOptions {
  events: number;
  rounds: number;
  variant: string | undefined;
  profile_directory: string | undefined;
}

/** Prints a row for each framing. Those of `variant` alone, and `lines`, where there is one. */
export async function measureFramings(options: FramingsOptions): Promise<void> {
  const { events, rounds, variant, profile_directory } = options;
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  try {
    const chosen = cases.filter(({ name }) => name === lines || name === (variant ?? name));
    const files = chosen.map((each, number) => {
      const log_file = join(directory, `${number}.log`);
      const expected = writeFramed(log_file, events, each);
      return { ...each, facts: { log_file, expected, events, profile_directory } };
    });
    const results = new Map(chosen.map(({ name }) => [name, [] as Measured[]]));
    for (let round = 0; round < rounds; round += 1) {
      for (const { name, framing, facts } of files) {
        const run = { name, chain: [], compression: "none", framing } as const;
        results.get(name)!.push(await catchUp(directory, run, facts));
      }
    }
    print(results, options);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Writes the file, and says how many line ends arrive at the sink. */
function writeFramed(path: string, events: number, { record, is_text, around }: Case): number {
  const [before, between, after] = around;
  const file = openSync(path, "w");
  let arriving = 0;
  for (let number = 0; number < events;) {
    let text = number === 0 ? before : "";
    for (const end = Math.min(number + 5000, events); number < end; number += 1) {
      const event = wekaEvent(number);
      const written = record?.(event, number) ?? event;
      arriving += is_text ? 1 : written.split("\n").length;
      text += `${written}${number === events - 1 ? after : between}`;
    }
    writeSync(file, text);
  }
  closeSync(file);
  return arriving;
}

function counted(event: string): string {
  return `${Buffer.byteLength(event)} ${event}`;
}

function indented(event: string): string {
  return JSON.stringify(JSON.parse(event), undefined, 2);
}

/** An event as text in four lines. */
function grouped(event: string): string {
  const length = Math.ceil(event.length / 4);
  const parts = [0, 1, 2, 3].map((part) => event.slice(part * length, (part + 1) * length));
  return `2025-03-21 06:37:27 LOG: ${parts.join("\n\t")};`;
}

/** An event of auditd with as many bytes: three lines, and the one that ends it. */
function audited(event: string, number: number): string {
  const head = `msg=audit(1742539047.915:${number})`;
  const rest = `"${"x".repeat(Math.max(0, Math.floor(event.length / 3) - 60))}"`;
  const types = ["SYSCALL", "PATH", "PROCTITLE"];
  return [...types.map((type) => `type=${type} ${head}: name=${rest}`), `type=EOE ${head}: `].join(
    "\n",
  );
}

/** An entry of the systemd journal whose message is the event, without what stands between two entries. */
function exported(event: string, number: number): string {
  const fields = [
    `__CURSOR=s=0;i=${number}`,
    `__REALTIME_TIMESTAMP=${1_742_539_047_915_055 + number}`,
    "_HOSTNAME=host-1",
    "PRIORITY=6",
    "SYSLOG_IDENTIFIER=weka",
    `MESSAGE=${event}`,
  ];
  return fields.join("\n");
}

function print(results: Map<string, Measured[]>, { events, rounds }: FramingsOptions): void {
  const count = events.toLocaleString("en-US");
  console.log(`Framings, catching up with ${count} events, no chain, median of ${rounds}:\n`);
  console.log(
    "| framing | events/s | MB/s | CPU s per GB | peak RSS MB | events/s, of lines | CPU an event, of lines |",
  );
  console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
  const beside = results.get(lines)!;
  for (const [name, measured] of results) {
    const ratioOf = (figure: (each: Measured) => number): string => {
      const ratios = measured.map((each, round) => figure(each) / figure(beside[round]!));
      return `${Math.round(100 * median(ratios))} %`;
    };
    const rate = ratioOf(({ events_per_second }) => events_per_second);
    const figures = [...figuresOf(measured), rate, ratioOf(cpuAnEvent)];
    console.log(`| ${[name, ...figures].join(" | ")} |`);
  }
  console.log("");
}

function cpuAnEvent({ cpu_seconds_per_gb, mb_per_second, events_per_second }: Measured): number {
  return (cpu_seconds_per_gb * mb_per_second) / events_per_second;
}
