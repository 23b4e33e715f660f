/** How the agent is, in one sentence. */
import type { Summary } from "../../admin/web/summary.ts";
import { bytes, clockTime, duration, plural, rate } from "./format.ts";
import type { Rates } from "./rates.ts";

export type Level = "good" | "notice" | "bad";

export interface Health {
  readonly level: Level;
  readonly sentence: string;
  /** The same without figures that change all the time: what a screen reader is to say when it changes. */
  readonly said: string;
  /** Whether it has to be said at once. */
  readonly is_loss: boolean;
}

/** What the page knows of the agent. */
export interface Known {
  readonly summary: Summary | undefined;
  readonly rates: Rates | undefined;
  /** Since when it does not answer, in milliseconds since the epoch. */
  readonly lost_since_ms: number | undefined;
}

/** Less than this behind is what a writer has just written. */
const backlog_bytes_min = 1_000_000;
const backlog_seconds_min = 30;

export function healthOf(known: Known): Health {
  const { summary, lost_since_ms } = known;
  if (lost_since_ms !== undefined) {
    const since = clockTime(new Date(lost_since_ms).toISOString());
    const what = summary === undefined ? "does not answer" : `has not answered since ${since}`;
    return loss(`The agent ${what}. This page goes on trying.`);
  }
  if (summary === undefined) return calm("notice", "Asking the agent.");
  if (summary.state !== "ready") return calm("notice", `The agent is ${summary.state}.`);
  return lossIn(summary) ?? outageIn(summary) ?? progressOf(summary, known.rates);
}

/** What is lost, or may be. */
function lossIn({ books, disk }: Summary): Health | undefined {
  if (!books.balanced) return loss("The books do not balance. That is a bug: keep the log.");
  if (disk.write_failing) return loss("The state cannot be written, so reading has stopped.");
  const lost = [
    books.lost.total > 0 ? `${bytes(books.lost.total)} could not be read` : "",
    books.quarantine_removed > 0
      ? `${plural(books.quarantine_removed, "event")} had to leave the full quarantine`
      : "",
    ...books.dropped.reasons
      .filter(([reason]) => reason.startsWith("journal_"))
      .map(([reason, events]) => `${plural(events, "event")} dropped (${reason})`),
  ].filter((each) => each !== "");
  if (lost.length === 0) return undefined;
  const sentence = `Something was lost: ${lost.join(", ")}.`;
  return { level: "bad", sentence, said: "Something was lost. See the books.", is_loss: true };
}

function outageIn({ outputs, books }: Summary): Health | undefined {
  const waiting = outputs.filter(({ state }) => state !== "sending");
  const [first] = waiting;
  if (first === undefined) return undefined;
  const which =
    waiting.length === 1
      ? `Output ${first.name} is ${first.state}`
      : `${waiting.length} of ${plural(outputs.length, "output")} are not sending`;
  const why = waiting.length === 1 && first.reason !== undefined ? ` (${first.reason})` : "";
  const since =
    waiting.length === 1 && first.since !== undefined ? ` since ${clockTime(first.since)}` : "";
  const said = `${which}${why}${since}. Events are kept.`;
  const kept = `${plural(books.in_flight, "event")} in flight, and nothing is lost`;
  return { level: "bad", sentence: `${which}${why}${since}: ${kept}.`, said, is_loss: false };
}

function progressOf(summary: Summary, rates: Rates | undefined): Health {
  const { warnings, other_warnings, lag_bytes, lag_seconds } = summary;
  const problems = warnings.filter(({ severity }) => severity === "problem").length;
  const coming = rates?.received === undefined ? "" : `, ${rate(rates.received)} coming in`;
  if (problems > 0) {
    const more = other_warnings > 0 ? " or more" : "";
    const which = `${plural(problems, "problem")}${more}`;
    return calm(
      "notice",
      `Events flow${coming}, with ${which} to look at.`,
      `${which} to look at.`,
    );
  }
  if (lag_bytes >= backlog_bytes_min && lag_seconds >= backlog_seconds_min) {
    const speed = rates?.catching_up;
    const left =
      speed === undefined ? "" : `, done in about ${duration(Math.ceil(lag_bytes / speed))}`;
    const sentence = `Catching up: ${bytes(lag_bytes)} behind${left}.`;
    return calm("notice", sentence, "The agent is catching up.");
  }
  return calm(
    "good",
    `All is well${coming}, and every event is accounted for.`,
    "All is well, and every event is accounted for.",
  );
}

function calm(level: Level, sentence: string, said = sentence): Health {
  return { level, sentence, said, is_loss: false };
}

function loss(sentence: string): Health {
  return { level: "bad", sentence, said: sentence, is_loss: true };
}
