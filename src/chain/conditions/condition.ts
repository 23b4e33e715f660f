/**
 * Conditions: CEL expressions over an event (https://cel.dev), compiled once.
 *
 * They are evaluated on the few values that they name, found by the one scan, not on a parsed record. A condition
 * is false where it hangs on a value that the event does not have. A value of a type that an operator does
 * not take is a mistake in the condition: it throws, and the step fails.
 */
import { Environment, EvaluationError } from "@marcbachmann/cel-js";
import type { Event, JsonValue } from "../../event/event.ts";
import type { Path } from "../../event/scan/path.ts";
import { messageOf } from "../../platform/errors.ts";
import { linearPattern, type LinearPattern } from "../../platform/text/linear-pattern.ts";
import { ExpressionError } from "./cel-literal.ts";
import {
  linear_matches,
  type RewrittenExpression,
  rewriteExpression,
  type Slot,
  value_test,
} from "./cel-source.ts";
import { closureOf, type OutcomeOf } from "./condition-closures.ts";
import { expressionError } from "./condition-errors.ts";
import type { ConditionContext } from "./condition-context.ts";
import { expectedKinds } from "./expected-kinds.ts";
import { findMisreadings } from "./condition-misreadings.ts";
import { isTimeSlot, slotTime, slotValue, type CompiledSlot } from "./condition-slots.ts";
import { testOf } from "./value-tests.ts";
import { StepFailure } from "../../platform/step-failure.ts";
import type { Condition } from "../../plugin.ts";

/** Keeps parsing and evaluation, which recurse, well within the stack. */
const expression_length_max = 16 * 1024;
const nodes_max = 4000;
const depth_max = 50;
const list_items_max = 1000;

/** Errors of the CEL library that say that a value is not there. */
const missing_codes = new Set(["unknown_variable", "no_such_key", "index_out_of_bounds"]);

const limits = {
  maxAstNodes: nodes_max,
  maxDepth: depth_max,
  maxListElements: list_items_max,
  maxMapEntries: list_items_max,
};

const dialect = { unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false };

/** For the expression as written. */
const language = new Environment({ ...dialect, limits });

const time_type = "google.protobuf.Timestamp";

/** For the rewritten expression, whose added parentheses count as depth. */
const rewritten_limits = { ...limits, maxDepth: nodes_max, maxAstNodes: 2 * nodes_max };
const rewritten_language = new Environment({ ...dialect, limits: rewritten_limits })
  // CEL has it, the library does not.
  .registerFunction(`timestamp(${time_type}): ${time_type}`, (time: unknown) => time);

/** Slots by the variable that stands for each. */
type Slots = ReadonlyMap<string, CompiledSlot>;

/** Compiles the expression. Throws ExpressionError on a mistake in it. */
export function compileCondition(expression: string, context: ConditionContext): Condition {
  try {
    return compile(expression, context);
  } catch (thrown) {
    if (thrown instanceof ExpressionError) throw thrown;
    throw expressionError(thrown, expression, (offset) => offset);
  }
}

function compile(expression: string, context: ConditionContext): Condition {
  if (expression.length > expression_length_max) {
    throw new ExpressionError(`it is longer than ${expression_length_max} characters`, 0);
  }
  const { ast } = language.parse(expression);
  findMisreadings(ast, expression).forEach(context.note);
  const rewritten = rewriteExpression(ast, expression);
  const tests = new Map(
    rewritten.tests.map(({ name, source }) => [name, testOf(source, context)] as const),
  );
  const program = environmentFor(rewritten, tests).parse(rewritten.source);
  const checked = program.check();
  if (!checked.valid) {
    throw expressionError(checked.error, "", (offset) => rewritten.originalPosition(offset));
  }
  if (checked.type !== "bool" && checked.type !== "dyn") {
    throw new ExpressionError(`it gives a value of type ${checked.type}, not true or false`, 0);
  }
  const expected = expectedKinds(program.ast);
  const slots: Slots = new Map(
    rewritten.slots.map((slot) => {
      const path = (text: string): Path => context.path(text, expected.get(slot.variable));
      return [slot.variable, compiledSlot(slot, path, context.clock)];
    }),
  );
  const closure = closureOf(program.ast, { slots, tests });
  return closure === undefined ? byLibrary(program, slots) : byClosure(closure);
}

/** The language with what takes the place of functions that are not CEL's. To make one copies all, so only where one is used. */
function environmentFor(
  { patterns: texts, slots }: RewrittenExpression,
  tests: ReadonlyMap<string, (value: unknown) => boolean>,
): Environment {
  const timed = slots.filter(({ kind }) => kind === "time" || kind === "now");
  if (texts.length + tests.size + timed.length === 0) return rewritten_language;
  const environment = rewritten_language.clone();
  if (texts.length > 0) {
    const patterns = new Map<string, LinearPattern>();
    for (const { text, position } of texts) patterns.set(text, compilePattern(text, position));
    const matches = (text: string, pattern: string): boolean =>
      patterns.get(pattern)?.test(text) === true;
    environment.registerFunction(`string.${linear_matches}(string): bool`, matches);
  }
  if (tests.size > 0) {
    const holds = (value: unknown, name: string): boolean => tests.get(name)?.(value) === true;
    environment.registerFunction(`${value_test}(dyn, string): bool`, holds);
  }
  for (const { variable } of timed) environment.registerVariable(variable, time_type);
  return environment;
}

function compiledSlot(
  { kind, path }: Slot,
  compilePath: (text: string) => Path,
  clock: ConditionContext["clock"],
): CompiledSlot {
  if (kind === "time") return { kind };
  if (kind === "now") return { kind, clock };
  return kind === "metadata" ? { kind, name: path } : { kind, path: compilePath(path) };
}

function byClosure(closure: OutcomeOf): Condition {
  return (event) => {
    const outcome = closure(event);
    if (outcome === "mistyped") throw mistyped();
    return outcome === "yes";
  };
}

/** All values are fetched first, so that an unreadable event is noticed whatever the operators hide. */
function byLibrary(program: (values: Map<string, unknown>) => unknown, slots: Slots): Condition {
  return (event: Event) => {
    const values = new Map<string, unknown>();
    for (const [variable, slot] of slots) {
      if (isTimeSlot(slot)) {
        values.set(variable, new Date(slotTime(slot, event)));
        continue;
      }
      const value = slotValue(slot, event);
      if (value !== undefined) values.set(variable, toCel(value));
    }
    let result: unknown;
    try {
      result = program(values);
    } catch (thrown) {
      if (!(thrown instanceof EvaluationError)) throw new StepFailure("the condition failed");
      if (missing_codes.has(thrown.code)) return false;
      // The library's message may hold values of the event; its code does not.
      throw new StepFailure(`the condition failed: ${thrown.code}`);
    }
    if (typeof result !== "boolean") throw mistyped();
    return result;
  };
}

function mistyped(): StepFailure {
  return new StepFailure("the condition met a value of an unexpected type");
}

/**
 * A JSON value as the library wants it: integers as bigints, objects as maps (in an object, a key called
 * `constructor` would mislead it).
 */
function toCel(value: JsonValue): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(toCel);
  return new Map(Object.entries(value).map(([key, each]) => [key, toCel(each)]));
}

function compilePattern(text: string, position: number): LinearPattern {
  try {
    return linearPattern(text);
  } catch (cause) {
    throw new ExpressionError(`the pattern of matches() is wrong: ${messageOf(cause)}`, position);
  }
}
