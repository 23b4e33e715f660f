/** What a plugin's `create` gave: the function that is called with every event, and perhaps one that ends the step. */
import type { Handle } from "../../plugin.ts";
import type { Dispose } from "./disposal.ts";

export interface CreatedStep {
  readonly handle: Handle;
  readonly dispose: Dispose;
  /** Of an isolated step: while it cannot take events, resolves when it may be looked at again. */
  readonly hold?: Hold;
}

/** Undefined while events can be taken. */
export type Hold = () => Promise<void> | undefined;

/** While one of them holds events back. */
export function firstOf(holds: readonly Hold[]): Promise<void> | undefined {
  for (const hold of holds) {
    const held = hold();
    if (held !== undefined) return held;
  }
  return undefined;
}

/** Its parts, or what is wrong with it. */
export function createdStep(created: unknown): CreatedStep | string {
  if (typeof created !== "object" || created === null) return stepOf(created, undefined);
  const { step, dispose } = created as { step?: unknown; dispose?: unknown };
  if (step === undefined) return mistake("something else");
  if (typeof dispose !== "function") {
    return "the plugin's create must return a function as `dispose` beside `step`";
  }
  return stepOf(step, () => dispose.call(created) as unknown);
}

function stepOf(handle: unknown, dispose: Dispose): CreatedStep | string {
  if (isAsync(handle)) return mistake("an async function");
  if (typeof handle !== "function") return mistake("something else");
  return { handle: handle as Handle, dispose };
}

function isAsync(handle: unknown): boolean {
  return Object.prototype.toString.call(handle) === "[object AsyncFunction]";
}

function mistake(found: string): string {
  return `the plugin's create must return a synchronous function, alone or as \`step\` beside \`dispose\`, not ${found}`;
}
