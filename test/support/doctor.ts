/** What `tallyman doctor` finds on a set-up that is sound but for what a test breaks. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { causes, type Cause } from "../../src/doctor/findings/causes.ts";
import { examine } from "../../src/doctor/examine.ts";
import type { Finding } from "../../src/doctor/findings/finding.ts";
import { systemClock, type Clock } from "../../src/platform/clock.ts";
import { writeConfig, type AgentConfig } from "./agent-config.ts";
import { temporaryDirectory } from "./temporary.ts";

/** At whatever level: a sender over HTTP decides at which an event comes. */
const redact_anywhere = 'redact: { fields: ["**.Authorization"] }';

/** Writes a configuration of one input with one log file, and gives its path. */
export function setUp(config: Partial<AgentConfig> & { url: string }): string {
  const directory = config.directory ?? temporaryDirectory();
  mkdirSync(join(directory, "logs"), { recursive: true });
  writeFileSync(join(directory, "logs", "audit.log"), '{"a":1}\n');
  const sound = { directory, paths: [join(directory, "logs", "*.log")], chain: [redact_anywhere] };
  return writeConfig({ ...sound, input: ["metadata: { index: audit }"], ...config });
}

/** Lets every user reach what stands in the directory of a test. */
export function openToAll(directory: string): void {
  chmodSync(directory, 0o755);
  chmodSync(join(directory, "config.yaml"), 0o644);
}

export async function findingsOf(
  file: string,
  { send = true, clock = systemClock }: { send?: boolean; clock?: Clock } = {},
): Promise<Finding[]> {
  const findings = await Array.fromAsync(examine({ file, send, clock }).findings);
  // Whoever runs the tests, they break something else.
  return findings.filter(({ check }) => check !== "user");
}

/** What is wrong, each as `check cause`. */
export function faultsIn(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ check, cause }) => (cause === undefined ? [] : [`${check} ${cause}`]));
}

/** The one thing that is wrong, with its remedy; fails where there is another, or none. */
export function onlyFault(findings: readonly Finding[], check: string, cause: Cause): Finding {
  expect(faultsIn(findings)).toEqual([`${check} ${cause}`]);
  const fault = findings.find((each) => each.cause !== undefined)!;
  expect(fault.verdict).toBe(causes[cause].verdict);
  expect(fault.remedy).toBeTruthy();
  return fault;
}
