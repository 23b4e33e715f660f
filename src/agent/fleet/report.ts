/** What an agent reports to its fleet now and then, in JSON; `tallyman fleet status` reads it. No content of events, no secret. */
import { z } from "zod";
import { healthOf } from "../../admin/status/health.ts";
import type { FleetStatus } from "../../admin/status/fleet-status.ts";
import type { Status } from "../../admin/status/status.ts";
import { warningsIn } from "../../admin/status/warnings.ts";
import { machineName, runId } from "../../platform/process/machine-name.ts";

const text_max = 500;
const text = z.string().max(text_max * 2);
const count = z.number().min(0);

const reportSchema = z.lazy(() =>
  z.object({
    v: z.literal(1),
    agent: text,
    group: text,
    /** The run of tallyman that reports, and where it runs. */
    instance: text.optional(),
    host: text.optional(),
    /** Another agent reports by this name, on that host, where it is known. */
    shared: z.object({ host: text.optional() }).optional(),
    version: text,
    at: z.iso.datetime(),
    /** How often it comes. */
    every_ms: count,
    state: z.enum(["own", "taken", "held"]),
    /** Of the fleet's configuration in force. */
    serial: count.optional(),
    sha256: text.optional(),
    /** Of all that is in force, as `tallyman status` has it. */
    digest: text.optional(),
    health: z.object({ level: z.enum(["good", "busy", "problem"]), sentence: text }),
    lag_seconds: count,
    lag_bytes: count,
    events: z.object({
      received: count,
      delivered: count,
      in_flight: count,
      quarantined: count,
      balanced: z.boolean(),
    }),
    refused: count,
    refusal: z
      .object({ at: text, reason: text, detail: text, serial: count.optional() })
      .optional(),
  }),
);

export type FleetReport = z.output<typeof reportSchema>;

/** Undefined for what is no report. */
export function readReport(value: string): FleetReport | undefined {
  try {
    return reportSchema.parse(JSON.parse(value));
  } catch {
    return undefined;
  }
}

export function reportOf(status: Status, fleet: FleetStatus, every_ms: number): FleetReport {
  const { books, inputs, version, at, config } = status;
  const { agent, group, state, serial, sha256, refusal } = fleet;
  const { level, sentence } = healthOf(status, warningsIn(status));
  const { received, delivered, in_flight, quarantined } = books.total;
  return {
    v: 1,
    agent,
    group,
    instance: runId(),
    host: short(machineName()),
    version,
    at,
    every_ms,
    state,
    health: { level, sentence: short(sentence) },
    lag_seconds: Math.max(0, ...inputs.map((input) => input.lag_seconds)),
    lag_bytes: inputs.reduce((sum, input) => sum + (input.lag_bytes ?? 0), 0),
    events: { received, delivered, in_flight, quarantined, balanced: books.balanced },
    refused: Object.values(fleet.refused).reduce((sum, each) => sum + each, 0),
    ...(serial !== undefined && { serial }),
    ...(sha256 !== undefined && { sha256 }),
    ...(config.digest !== undefined && { digest: config.digest }),
    ...(refusal !== undefined && { refusal: refusalOf(refusal) }),
  };
}

function refusalOf({
  at,
  reason,
  detail,
  serial,
}: NonNullable<FleetStatus["refusal"]>): FleetReport["refusal"] {
  return { at, reason, detail: short(detail), ...(serial !== undefined && { serial }) };
}

function short(words: string): string {
  return words.length > text_max ? `${words.slice(0, text_max - 1)}…` : words;
}
