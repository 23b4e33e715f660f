/**
 * What a reload means for the inputs: which go on, which are opened again, which go and come; and what it cannot do.
 */
import { isForDatagrams } from "../../inputs/socket/options.ts";
import { same } from "../../platform/same.ts";
import { TallymanError } from "../../platform/errors.ts";
import type { CompiledInput } from "../setup/compile.ts";
import type { RunningInput } from "./running-input.ts";
import type { Setup } from "../setup/setup.ts";

const live_keys = ["chain", "metadata", "time", "when_full", "journal", "expect_every"];

export interface InputChanges {
  /** They are not configured any more, or are of another type now. */
  readonly going: readonly RunningInput[];
  /** Their own options are others, or they could not be opened again after a reload that failed. */
  readonly reopening: readonly RunningInput[];
  readonly coming: readonly CompiledInput[];
}

export function inputChanges(
  present: readonly RunningInput[],
  { inputs }: Setup,
  unopened: ReadonlySet<RunningInput>,
): InputChanges {
  const after = (input: RunningInput): CompiledInput | undefined =>
    inputs.find(
      ({ name, options }) =>
        name === input.name && kindOf(options) === kindOf(input.setup.compiled.options),
    );
  const going = present.filter((input) => after(input) === undefined);
  const reopening = present.filter((input) => {
    const next = after(input);
    if (next === undefined) return false;
    return unopened.has(input) || !same(ownOptions(input.setup.compiled), ownOptions(next));
  });
  const staying = present.filter((input) => !going.includes(input));
  const coming = inputs.filter(({ name }) => !staying.some((input) => input.name === name));
  return { going, reopening, coming };
}

/** What an input is opened again with before `next` is in force: with the options for that, and the rest as it was. */
export function openedAs(before: CompiledInput, next: CompiledInput): CompiledInput {
  const options = { ...next.options, ...liveOptions(before) };
  return { ...before, options };
}

/** Throws TallymanError reload_impossible with what only a restart can change. */
export function refuseImpossible(before: Setup, next: Setup): void {
  const { config } = next;
  const mistakes: string[] = [];
  if (config.state_dir !== before.config.state_dir) {
    mistakes.push(`state_dir is ${before.config.state_dir} and cannot change while tallyman runs`);
  }
  const { enabled } = before.config.proof;
  if (config.proof.enabled !== enabled) {
    mistakes.push(`proof.enabled is ${enabled} and cannot change while tallyman runs`);
  }
  for (const { name, options } of before.inputs) {
    if (options.type !== "stdin") continue;
    const after = next.inputs.find((input) => input.name === name);
    if (after !== undefined && same(ownOptions({ options }), ownOptions(after))) continue;
    mistakes.push(`inputs.${name} reads standard input, which can be opened only once`);
  }
  if (mistakes.length === 0) return;
  throw new TallymanError(
    "reload_impossible",
    `${config.file} has changes that need a restart: ${mistakes.join("; ")}.`,
    { file: config.file },
  );
}

/** An input goes on as another only where both take their events in the same way. */
function kindOf(options: CompiledInput["options"]): string {
  return isForDatagrams(options) ? "datagrams" : options.type;
}

/** The options that an input is opened with: the others can change while it is open. */
function ownOptions({ options }: Pick<CompiledInput, "options">): object {
  const own = Object.entries(options).filter(([key]) => !live_keys.includes(key));
  return Object.fromEntries(own);
}

function liveOptions({ options }: Pick<CompiledInput, "options">): object {
  const live = Object.entries(options).filter(([key]) => live_keys.includes(key));
  return Object.fromEntries(live);
}
