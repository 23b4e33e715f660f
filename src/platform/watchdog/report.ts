/** What the watchdog says of what hangs: never anything of an event's content. */
import type { LogLine } from "../log.ts";
import { printable, printableJson } from "../text/printable.ts";
import type { SeenRecord } from "./marks.ts";
import type { Activity } from "./orders.ts";

export interface HangReport {
  /** As a line of the log. */
  asLogLine(time: string): string;
  /** For people at a command. */
  asText(): string;
}

/** Of an activity, or of none that is known. */
export function reportOf(
  activity: Activity | undefined,
  record: SeenRecord | undefined,
  timeout_ms: number,
): HangReport {
  const line = lineFor(activity);
  const { kind, code: _, ...which }: Partial<Activity> = activity ?? {};
  const where = record && {
    input: record.input,
    stream: record.stream,
    offset: record.offset,
    bytes: record.bytes,
  };
  const facts = { during: kind, ...which, ...where, timeout_ms };
  return {
    asLogLine: (time) => {
      const { level, code, message } = line;
      return printableJson(JSON.stringify({ level, time, code, ...facts, msg: message }));
    },
    asText: () => {
      const shown = Object.entries(facts).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}: ${value}`],
      );
      return [`tallyman: ${line.message}`, ...shown.map((each) => `  ${each}`)]
        .map(printable)
        .join("\n");
    },
  };
}

function lineFor(activity: Activity | undefined): LogLine<"error"> {
  const end = "tallyman ends by SIGALRM.";
  if (activity === undefined) {
    const message = `The main thread hangs outside of a step: in a timer or promise of a plugin, or in tallyman. ${end}`;
    return { level: "error", code: "main_thread_hangs", message };
  }
  const what = {
    load: "A plugin file hangs while it is loaded, before it has exported anything.",
    create: "A plugin hangs in its `create`.",
    step: "A step hangs on an event. After a restart that event goes to quarantine, unread by the step.",
  }[activity.kind];
  return { level: "error", code: "plugin_hangs", message: `${what} ${end}` };
}
