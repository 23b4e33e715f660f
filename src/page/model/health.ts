/** How the agent is, in one sentence: what it says of itself, or that it does not answer. */
import type { Summary } from "../../admin/web/summary.ts";
import { clockTime } from "./format.ts";
import type { Rates } from "./rates.ts";

export type Level = "good" | "notice" | "bad";

export interface Health extends Pick<Summary["health"], "sentence" | "said" | "is_loss"> {
  readonly level: Level;
}

/** What the page knows of the agent. */
export interface Known {
  readonly summary: Summary | undefined;
  readonly rates: Rates | undefined;
  /** Since when it does not answer, in milliseconds since the epoch. */
  readonly lost_since_ms: number | undefined;
}

const levels = { good: "good", busy: "notice", problem: "bad" } as const;

export function healthOf({ summary, lost_since_ms }: Known): Health {
  if (lost_since_ms !== undefined) {
    const since = clockTime(new Date(lost_since_ms).toISOString());
    const what = summary === undefined ? "does not answer" : `has not answered since ${since}`;
    const sentence = `The agent ${what}. This page goes on trying.`;
    return { level: "bad", sentence, said: sentence, is_loss: true };
  }
  if (summary === undefined) {
    const sentence = "Asking the agent.";
    return { level: "notice", sentence, said: sentence, is_loss: false };
  }
  return { ...summary.health, level: levels[summary.health.level] };
}
