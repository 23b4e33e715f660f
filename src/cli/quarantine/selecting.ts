/**
 * The options that say which events of the quarantine a command is about.
 */
import { type Command, InvalidArgumentError } from "commander";
import type { Selection } from "../../output/quarantine/selection.ts";
import { systemClock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { parseDuration } from "../../platform/text/units.ts";

const date_pattern =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/;

export interface SelectingOptions {
  input?: string;
  reason?: string;
  since?: number;
  before?: number;
  all?: boolean;
}

/** Adds the options. */
export function addSelecting(command: Command): Command {
  return command
    .option("--input <name>", "only events of this input")
    .option("--reason <reason>", "only events with this reason")
    .option("--since <time>", "only since this time: 2h (ago), 2026-11-20T13:00 (UTC)", parseTime)
    .option("--before <time>", "only before this time", parseTime);
}

/** What is selected among the events that are there now. */
export function selectionOf(options: SelectingOptions): Selection {
  const { input, reason, since, before } = options;
  return { input, reason, since_ms: since, before_ms: before };
}

/**
 * What a command selects that takes events away. Throws TallymanError usage where nothing is said, or `--all` and more.
 * What comes into quarantine only after this is not selected, so that nothing goes that nobody has seen.
 */
export function narrowSelectionOf(ids: readonly string[], options: SelectingOptions): Selection {
  const { input, reason, since, before, all } = options;
  const is_narrowed = [input, reason, since, before].some((each) => each !== undefined);
  if (all === true && (is_narrowed || ids.length > 0))
    throw usage("--all cannot be combined with ids or other conditions");
  if (all !== true && !is_narrowed && ids.length === 0)
    throw usage("choose the events: ids, --input, --reason, --since, --before, or --all");
  const now_ms = systemClock.now();
  return {
    ...selectionOf(options),
    ...(ids.length > 0 ? { ids: [...ids] } : { before_ms: before ?? now_ms }),
    ...(all === true && { damaged: true }),
  };
}

export function usage(message: string): TallymanError {
  return new TallymanError("usage", message);
}

function parseTime(text: string): number {
  const ago_ms = parseDuration(text);
  const time_ms = ago_ms === undefined ? parseDate(text) : systemClock.now() - ago_ms;
  if (time_ms !== undefined) return time_ms;
  throw new InvalidArgumentError(
    "expected a time, such as 2026-11-20T13:00 (UTC), or 2h for 2h ago.",
  );
}

/** Only what can be meant in one way: what is purged by mistake is lost. Without a zone it is UTC, as `list` prints it. */
function parseDate(text: string): number | undefined {
  const [, date, time = "00:00", zone = "Z"] = date_pattern.exec(text) ?? [];
  const day = new Date(`${date}T00:00Z`);
  // The 31st of a shorter month would be a day of the next one.
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(date!)) return undefined;
  const time_ms = Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(time_ms) ? undefined : time_ms;
}
