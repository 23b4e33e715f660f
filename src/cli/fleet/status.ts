/** `tallyman fleet status`: by group, which agent has which configuration in force, and which say nothing any more. */
import { readReport, type FleetReport } from "../../agent/fleet/report.ts";
import type { FleetOptions } from "../../config/fleet/options.ts";
import { systemClock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import {
  keysOf,
  readKey,
  removeKey,
  reportBucket,
  type BucketEntry,
} from "../../platform/nats/buckets.ts";
import type { NatsConnection } from "../../platform/nats/connection.ts";
import { isAgentName } from "../../platform/nats/subjects.ts";
import { printable, printableJson } from "../../platform/text/printable.ts";
import { approximateDuration, approximateSize } from "../../platform/text/units.ts";
import { ending } from "../process/ending.ts";
import { Printing } from "../terminal/printing.ts";
import { loadFleet, readGroup, withFleet, type InBucket } from "./bucket-access.ts";

interface StatusFlags {
  readonly config: string;
  readonly group?: string;
  readonly json?: boolean;
  readonly forget?: string;
}

/** An agent that has missed so many reports is silent. */
const reports_missed_max = 3;
const silent_ms_min = 10_000;
const silent_ms_max = 24 * 3_600_000;
const asked_at_once = 16;

/** `current` and `own` (nothing is pushed for its group) are as they should be. */
type Standing =
  "current" | "own" | "behind" | "refused" | "held" | "silent" | "shared" | "unreadable";

interface AgentLine {
  readonly agent: string;
  readonly standing: Standing;
  /** Since the server has its last report. */
  readonly age_seconds: number;
  readonly report: FleetReport | undefined;
}

interface GroupLines {
  readonly group: string;
  /** What is in the bucket; undefined where there is nothing that can be used. */
  readonly serial: number | undefined;
  readonly sha256: string | undefined;
  readonly time: string | undefined;
  /** Why what is there cannot be used. */
  readonly fault: string | undefined;
  readonly agents: readonly AgentLine[];
}

/** What the command does. */
export async function fleetStatus(flags: StatusFlags): Promise<void> {
  const { fleet } = await loadFleet(flags.config);
  const { forget } = flags;
  if (forget !== undefined) return forgetAgent(fleet, forget);
  const all = await withFleet(fleet, (connection) => collect(connection, fleet));
  const groups = all.filter(({ group }) => flags.group === undefined || group === flags.group);
  const printing = new Printing();
  if (flags.json === true)
    await printing.line(printableJson(JSON.stringify({ groups }, undefined, 2)));
  else for (const line of groups.flatMap(groupText)) await printing.line(line);
  if (groups.length === 0 && flags.json !== true)
    await printing.line("No agent has reported, and no configuration is pushed.");
  await printing.flush();
  if (groups.some(isTrouble)) ending.status = 1;
}

async function forgetAgent(fleet: FleetOptions, agent: string): Promise<void> {
  if (!isAgentName(agent)) throw new TallymanError("usage", "that is no name of an agent");
  await withFleet(fleet, (connection) => removeKey(connection, reportBucket(fleet.bucket), agent));
  console.log(`The report of ${agent} is removed. If it runs, it reports again.`);
}

async function collect(connection: NatsConnection, fleet: FleetOptions): Promise<GroupLines[]> {
  const bucket = reportBucket(fleet.bucket);
  const names = (await keysOf(connection, bucket)).filter(isAgentName).sort();
  const entries: { agent: string; entry: BucketEntry }[] = [];
  for (let at = 0; at < names.length; at += asked_at_once) {
    const some = names.slice(at, at + asked_at_once).map(async (agent) => {
      const entry = await readKey(connection, bucket, agent);
      return entry === undefined ? [] : [{ agent, entry }];
    });
    entries.push(...(await Promise.all(some)).flat());
  }
  const reported = entries.map(({ agent, entry }) => ({
    agent,
    entry,
    report: readReport(entry.value),
  }));
  const group_of = ({ report }: { report: FleetReport | undefined }): string =>
    report !== undefined && isAgentName(report.group) ? report.group : "?";
  const by_group = Map.groupBy(reported, group_of);
  const groups = [...new Set([fleet.group, ...by_group.keys()])].sort();
  const lines: GroupLines[] = [];
  for (const group of groups) {
    const has: InBucket =
      group === "?" ? { revision: 0, found: undefined } : await readGroup(connection, fleet, group);
    const agents = (by_group.get(group) ?? []).map((each) => agentLine(each, has));
    if (agents.length > 0 || has.found !== undefined) lines.push(groupLines(group, has, agents));
  }
  return lines;
}

function groupLines(group: string, { found }: InBucket, agents: AgentLine[]): GroupLines {
  if (found === undefined || "reason" in found) {
    const none = { serial: undefined, sha256: undefined, time: undefined };
    return { group, ...none, fault: found?.detail, agents };
  }
  const { serial, sha256, time } = found;
  return { group, serial, sha256, time, fault: undefined, agents };
}

function agentLine(
  { agent, entry, report }: { agent: string; entry: BucketEntry; report: FleetReport | undefined },
  has: InBucket,
): AgentLine {
  const age_ms = Math.max(0, systemClock.now() - entry.stored_ms);
  const standing = report === undefined ? "unreadable" : standingOf(report, age_ms, has);
  return { agent, standing, age_seconds: Math.round(age_ms / 1000), report };
}

function standingOf(report: FleetReport, age_ms: number, { found }: InBucket): Standing {
  const limit_ms = Math.max(report.every_ms * reports_missed_max, silent_ms_min);
  if (age_ms > Math.min(limit_ms, silent_ms_max)) return "silent";
  if (report.shared !== undefined) return "shared";
  if (report.state === "held") return "held";
  if (report.refusal !== undefined) return "refused";
  if (found === undefined || "reason" in found) return report.state === "own" ? "own" : "behind";
  const is_same = report.serial === found.serial && report.sha256 === found.sha256;
  return is_same ? "current" : "behind";
}

function isTrouble({ fault, agents }: GroupLines): boolean {
  return fault !== undefined || agents.some(({ standing }) => !isFine(standing));
}

function isFine(standing: Standing): boolean {
  return standing === "current" || standing === "own";
}

function groupText({ group, serial, time, fault, agents }: GroupLines): string[] {
  const has =
    serial === undefined ? (fault ?? "nothing is pushed") : `serial ${serial}, signed at ${time}`;
  const troubled = agents.filter(({ standing }) => !isFine(standing)).length;
  const count = `${agents.length} ${agents.length === 1 ? "agent" : "agents"}`;
  const width = Math.max(0, ...agents.map(({ agent }) => agent.length));
  return [
    `Group ${printable(group)}: ${has}; ${count}, ${troubled} to look at.`,
    ...agents.map((each) => `  ${agentText(each, width)}`),
  ];
}

function agentText({ agent, standing, age_seconds, report }: AgentLine, width: number): string {
  const age = `reported ${approximateDuration(age_seconds)} ago`;
  const head = `${agent.padEnd(width)}  ${standing.padEnd(8)}  ${age}`;
  if (report === undefined) return `${head}; that is no report of this version`;
  const { serial, lag_seconds, lag_bytes, events, health, refusal, shared } = report;
  const parts = [
    serial === undefined ? "its own file" : `serial ${serial}`,
    `lag ${approximateDuration(lag_seconds)}, ${approximateSize(lag_bytes)}`,
    `${events.delivered} of ${events.received} events delivered, ${events.in_flight} in flight`,
    ...(shared === undefined ? [] : [sharedText(report.host, shared.host)]),
    ...(refusal === undefined ? [] : [`refused (${refusal.reason}): ${refusal.detail}`]),
    health.sentence,
  ];
  return printable(`${head}; ${parts.join("; ")}`);
}

function sharedText(host = "a host", other = "a host that is not known"): string {
  return `2 agents have this name, on ${host} and on ${other}; only the one that reported last is shown`;
}
