/**
 * Why a plugin cannot be used, in its own words. It may quote the options that it was given, so what is secret there and elsewhere in
 * the configuration is hidden in it, and it is cut: it goes into the log, and from an agent of a fleet into its reports.
 */
import { messageOf } from "../../platform/errors.ts";
import { leavesOf } from "./leaves.ts";
import { ProcessCallRefused } from "../../platform/process/process-guard.ts";
import { hideAll, spellingsOf } from "../../platform/secret.ts";
import { StepFailure } from "../../platform/step-failure.ts";
import type { Plugin } from "../../plugin.ts";

const length_max = 500;
/** A shorter text is found in words that have nothing to do with it. */
const secret_length_min = 3;

/** What a plugin said, as it may be shown. */
export type OwnWords = (said: string) => string;

/**
 * `hide` hides the secrets that are known without the plugin. Without it, as in the process of a step, nothing is changed: who knows
 * them has to see all of it.
 */
export function ownWords(
  plugin: Plugin,
  options: unknown,
  hide: ((text: string) => string) | undefined,
): OwnWords {
  if (hide === undefined) return (said) => said;
  const hideKnown = hiding(plugin, options, hide);
  return (said) => {
    const hidden = hideKnown(said);
    if (hidden.length <= length_max) return hidden;
    return `${hidden.slice(0, length_max).toWellFormed()}… (${plugin.name} said more)`;
  };
}

/** Hides what a plugin was given in its secret options, and what `hide` hides. */
export function hiding(
  { secret_options = [] }: Plugin,
  options: unknown,
  hide: (text: string) => string = (text) => text,
): (text: string) => string {
  const secrets = secret_options.flatMap((option) =>
    textsIn((options as Record<string, unknown> | null)?.[option]),
  );
  const long = secrets.filter((text) => text.length >= secret_length_min);
  return (text) => hide(hideAll(long.flatMap(spellingsOf), text));
}

/** What is wrong where making a step has thrown. Never throws. */
export function describeRefusal(thrown: unknown, words: OwnWords): string {
  const is_used = !(thrown instanceof ProcessCallRefused || thrown instanceof StepFailure);
  const fault = is_used ? "refuses its options" : "cannot be used";
  try {
    return `the plugin ${fault}: ${words(messageOf(thrown))}`;
  } catch {
    return `the plugin ${fault}: it threw what cannot be read`;
  }
}

function textsIn(value: unknown): string[] {
  return [...leavesOf(value)].flatMap(({ value: text }) =>
    typeof text === "string" || typeof text === "number" ? [String(text)] : [],
  );
}
