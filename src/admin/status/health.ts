/**
 * How an agent is, in one sentence: the worst first, in words that say what it means for events. `status`, `top` and the page
 * say the same.
 */
import { approximateDuration, approximateSize } from "../../platform/text/units.ts";
import type { Status } from "./status.ts";
import type { Warning } from "./warning.ts";

/** What is said of an agent, and how bad it is. */
export interface Health {
  readonly level: "good" | "busy" | "problem";
  readonly sentence: string;
  /** The same without figures that change all the time: what a screen reader is to say when it changes. */
  readonly said: string;
  /** Whether events or bytes are lost, or may be. */
  readonly is_loss: boolean;
}

/** An input that is behind by less than this is merely at work. */
const behind_seconds_min = 10;

export function healthOf(status: Status, warnings: readonly Warning[]): Health {
  const { books, disk, state } = status;
  if (!books.balanced) {
    return loss("problem", "The books do not balance. That is a bug: keep the log.");
  }
  if (disk.write_failing) {
    return loss("problem", "The state cannot be written, so reading has stopped.");
  }
  if (state !== "ready") return health("busy", `The agent is ${state}.`);
  return outageIn(status, warnings) ?? progressOf(status, warnings);
}

/** The inputs whose oldest event has waited for some time. */
export function inputsBehind({ inputs }: Status): Status["inputs"] {
  return inputs.filter(isBehind);
}

/** Whether events of the input wait for longer than it takes to deliver them. */
export function isBehind({ lag_seconds }: Status["inputs"][number]): boolean {
  return lag_seconds >= behind_seconds_min;
}

function outageIn({ outputs, books }: Status, warnings: readonly Warning[]): Health | undefined {
  const waiting = outputs.filter(({ state }) => state !== "sending");
  const [first] = waiting;
  if (first === undefined) return undefined;
  const is_long = warnings.some(({ code }) => code === "output_not_sending");
  const why = first.reason === undefined ? "" : ` (${first.reason})`;
  const which =
    waiting.length === 1
      ? `${first.name} is ${first.state}${why}`
      : `${waiting.length} of ${outputs.length} outputs are not sending`;
  const in_flight = books.total.in_flight.toLocaleString("en-US");
  const said = `Events wait: ${which}.`;
  return health(
    is_long ? "problem" : "busy",
    `Events wait: ${which}; ${in_flight} in flight.`,
    said,
  );
}

function progressOf(status: Status, warnings: readonly Warning[]): Health {
  const problems = warnings.filter(({ severity }) => severity === "problem").length;
  if (problems > 0) {
    return health("busy", `Events flow, with ${count(problems, "problem")} to look at.`);
  }
  const lost = lossesIn(status);
  if (lost.length > 0) {
    const said = "Events flow, but something was lost. See the books.";
    return loss("busy", `Events flow, but something was lost: ${lost.join(", ")}.`, said);
  }
  const behind = inputsBehind(status);
  if (behind.length > 0) {
    const which = behind.length === 1 ? "1 input is behind" : `${behind.length} inputs are behind`;
    const left = behind.map(({ backlog }) => backlog.seconds_left ?? Infinity);
    const most = Math.max(...left);
    const until = Number.isFinite(most) ? `, for about ${approximateDuration(most)} more` : "";
    return health("busy", `Events flow; ${which}${until}.`, `Events flow; ${which}.`);
  }
  return health("good", "All is well, and every event is accounted for.");
}

/** What is lost for ever, as the books count it. What steps drop as they are told to is not. */
function lossesIn({ books }: Status): string[] {
  const { lost_bytes, quarantine_removed } = books.total;
  const dropped = new Map<string, number>();
  for (const input of Object.values(books.inputs)) {
    for (const [reason, events] of Object.entries(input.dropped)) {
      if (reason.startsWith("journal_")) dropped.set(reason, (dropped.get(reason) ?? 0) + events);
    }
  }
  return [
    ...(lost_bytes > 0 ? [`${approximateSize(lost_bytes)} could not be read`] : []),
    ...(quarantine_removed > 0
      ? [`${count(quarantine_removed, "event")} had to leave the full quarantine`]
      : []),
    ...[...dropped]
      .filter(([, events]) => events > 0)
      .map(([reason, events]) => `${count(events, "event")} dropped (${reason})`),
  ];
}

function health(level: Health["level"], sentence: string, said = sentence): Health {
  return { level, sentence, said, is_loss: false };
}

function loss(level: Health["level"], sentence: string, said = sentence): Health {
  return { level, sentence, said, is_loss: true };
}

function count(many: number, noun: string): string {
  return `${many.toLocaleString("en-US")} ${noun}${many === 1 ? "" : "s"}`;
}
