/**
 * What plugins log: lines with codes of tallyman's own, and the name of the step.
 *
 * A plugin may log what it was looking at, such as an event or an error that quotes one. So all of it is masked as the quarantine is,
 * cut, and held to so many lines a minute.
 */
import type { Clock } from "../../platform/clock.ts";
import type { LogFacts, Logger } from "../../platform/log.ts";
import { Reminder, reminder_interval_ms } from "../../platform/reminder.ts";
import type { PluginContext, TextMask } from "../../plugin.ts";
import type { Secrets } from "../masking/secrets.ts";
import { isMap, loggedLine, type LoggedLine, mapTexts } from "./logged-line.ts";

/** Of one step in a minute. */
const lines_max = 100;
/** Of each text, when it is masked. */
const length_max = 500;

export interface PluginLogDeps {
  readonly log: Logger;
  readonly clock: Pick<Clock, "monotonic">;
  /** Hides the secrets of the configuration. */
  readonly hide: TextMask;
  /** Those that the chain declares. What is logged before all of it is compiled waits for that. */
  readonly secrets: Pick<Secrets, "whenSealed">;
}

/** The log that the plugin of a step is given. */
export function pluginLog(
  step: string,
  { log, clock, hide, secrets }: PluginLogDeps,
): PluginContext["log"] {
  const write = (line: LoggedLine, to: (facts: LogFacts, message: string) => void): void =>
    secrets.whenSealed((mask) => {
      const { facts, message } = masked(hidden(line, hide), mask);
      to(ownFacts(facts, step), message);
    });
  return boundedLog(clock, {
    info: (line) => write(line, (...said) => log.info("plugin_message", ...said)),
    warn: (line) => write(line, (...said) => log.warn("plugin_warning", ...said)),
    leftOut: (lines) => logLeftOut(log, step, lines),
  });
}

/** Logs how many lines of a step were left out since that was logged last. */
export function logLeftOut(log: Logger, step: string, lines: number): void {
  const sentence = `A step logs more than ${lines_max} lines a minute. The others are left out.`;
  log.warn("plugin_lines_left_out", { step, lines }, sentence);
}

/** The log of a plugin in a process of its own, for the chain that it is a step of: that knows what is secret. */
export function forwardedLog(
  clock: Pick<Clock, "monotonic">,
  to: {
    readonly line: (level: "info" | "warn", line: LoggedLine) => void;
    readonly leftOut: (lines: number) => void;
  },
): PluginContext["log"] {
  return boundedLog(clock, {
    info: (line) => to.line("info", line),
    warn: (line) => to.line("warn", line),
    leftOut: to.leftOut,
  });
}

/** Passes on so many lines a minute; once a minute says how many were left out. */
function boundedLog(
  clock: Pick<Clock, "monotonic">,
  to: {
    readonly info: (line: LoggedLine) => void;
    readonly warn: (line: LoggedLine) => void;
    readonly leftOut: (lines: number) => void;
  },
): PluginContext["log"] {
  const reminder = new Reminder(clock);
  let began_ms = -Infinity;
  let lines = 0;
  const isDue = (): boolean => {
    const now_ms = clock.monotonic();
    if (now_ms - began_ms >= reminder_interval_ms) [began_ms, lines] = [now_ms, 0];
    lines += 1;
    if (lines <= lines_max) return true;
    const left_out = reminder.due("any");
    if (left_out > 0) to.leftOut(left_out);
    return false;
  };
  return {
    info: (facts, message) => isDue() && to.info(loggedLine(facts, message)),
    warn: (facts, message) => isDue() && to.warn(loggedLine(facts, message)),
  };
}

/** Between texts that are looked at as one. */
const separator = "\n\u{f8ff}\n";

/** The line without what `hide` hides: to look for the secrets of a large configuration takes as long for one word as for a line. */
function hidden({ facts, message }: LoggedLine, hide: TextMask): LoggedLine {
  const texts: string[] = [];
  const note = (text: string): string => {
    texts.push(text);
    return text;
  };
  mapTexts([facts, message], note);
  const together = hide(texts.join(separator)).split(separator);
  const known = together.length === texts.length ? together : texts.map(hide);
  let number = 0;
  const next = (): string => known[number++]!;
  const [known_facts, known_message] = mapTexts([facts, message], next) as [
    LoggedLine["facts"],
    string,
  ];
  return { facts: known_facts, message: known_message };
}

/** Each text is masked by itself, and then all facts together: a value may be known by its name alone. */
function masked(line: LoggedLine, mask: TextMask): LoggedLine {
  const each = (text: string): string => mask(withoutQuote(text));
  const facts = parsed(mask(JSON.stringify(mapTexts(line.facts, each))));
  return { facts: mapTexts(facts, cut) as LoggedLine["facts"], message: cut(each(line.message)) };
}

/** All of it as one fact, where no facts are left of it. */
function parsed(json: string): LoggedLine["facts"] {
  try {
    const facts: unknown = JSON.parse(json);
    if (isMap(facts)) return facts;
  } catch {
    // The mask may take away more than values.
  }
  return { facts: json };
}

/** What JSON.parse throws quotes up to 40 characters of what it was given: too little of a secret to be recognised as one. */
function withoutQuote(text: string): string {
  return text.replaceAll(/"[^]{0,60}"(?=(?:\.{3})? is not valid JSON)/g, '"…"');
}

function cut(text: string): string {
  return text.length > length_max ? `${text.slice(0, length_max).toWellFormed()}…` : text;
}

/** A name that is tallyman's own stands for the plugin's after `plugin_`. */
function ownFacts(facts: LoggedLine["facts"], step: string): LogFacts {
  const entries = Object.entries(facts).map(([name, value]): [string, unknown] => [
    own_facts.has(name) ? `plugin_${name}` : name,
    value,
  ]);
  return { ...Object.fromEntries(entries), step };
}

/** What every line has, or every line of a step. */
const own_facts: ReadonlySet<string> = new Set(["level", "time", "code", "msg", "step"]);
