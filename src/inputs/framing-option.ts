/**
 * The option `framing:`: a framing's name, or a map of one name to the options of that framing.
 *
 *     framing: lines
 *     framing: { lines: {} }
 */
import { z } from "zod";
import type { Framer } from "./framing/contract/framer.ts";
import type { BytesFrom, Framing, TakesOff } from "./framing/contract/framing.ts";
import { framings } from "./framing/framings.ts";

export type FramingName = keyof typeof framings;

/** The options of the one framing that was chosen, as its schema gives them. */
export type ChosenFraming = Partial<Record<FramingName, unknown>>;

const all: Readonly<Record<string, Framing>> = framings;
const names = Object.keys(all) as [FramingName, ...FramingName[]];

const withOptions = z.strictObject(
  Object.fromEntries(names.map((name) => [name, all[name]!.options.optional()])),
);

/** Without a default. */
export const framingChoice = z
  .union([z.enum(names), withOptions])
  .transform((chosen, context): ChosenFraming => {
    if (typeof chosen === "string") {
      const { success, data } = all[chosen]!.options.safeParse({});
      if (success) return { [chosen]: data };
      context.addIssue(`${chosen} needs options: write { ${chosen}: { … } }`);
      return z.NEVER;
    }
    // An unknown name is complained of already, and is not among these.
    const found = Object.keys(chosen);
    if (found.length === 1 || context.issues.length > 0) return chosen;
    const known = `expected one of ${names.join(", ")} with its options`;
    context.addIssue(`${known}; found ${found.join(", ") || "none"}`);
    return z.NEVER;
  })
  .describe(
    "How bytes become records: the name of a framing, or a map of its name to its options.",
  );

export const framingOption = framingChoice.prefault("lines").describe(framingChoice.description!);

export function framerOf(chosen: ChosenFraming, from: BytesFrom): Framer {
  const { framing, options } = entryOf(chosen);
  return framing.framer(options, from);
}

/** What the framing takes off records whose bounds are known; undefined where it is not for such, or takes nothing off. */
export function takenOffBy(chosen: ChosenFraming): TakesOff | undefined {
  const { framing, options } = entryOf(chosen);
  return framing.takesOff?.(options);
}

/** What a record is, in one sentence. */
export function explainFraming(chosen: ChosenFraming, from: BytesFrom): string {
  const { framing, options } = entryOf(chosen);
  return framing.explain(options, from);
}

function entryOf(chosen: ChosenFraming): { framing: Framing; options: unknown } {
  const [[name, options]] = Object.entries(chosen) as [[FramingName, unknown]];
  return { framing: all[name]!, options };
}
