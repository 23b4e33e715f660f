/**
 * The fast way to evaluate the conditions that people write most: comparisons of a value with a literal, joined
 * by && and ||. They become closures over the event; everything else is left to the CEL library.
 *
 * The outcomes combine just as the library's values and errors do; a property test holds the two together.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import type { Event, JsonValue } from "../../event/event.ts";
import { value_test } from "./cel-source.ts";
import { isTimeSlot, slotValue, type CompiledSlot } from "./condition-slots.ts";
import { timeComparison } from "./time-closures.ts";

/** A part of a condition holds, does not, hangs on a value that is not there, or has a wrong type. */
export type Outcome = "yes" | "no" | "missing" | "mistyped";

export type OutcomeOf = (event: Event) => Outcome;

type Slots = ReadonlyMap<string, CompiledSlot>;
type Test = (value: JsonValue) => boolean | undefined;

/** What the variables of a rewritten expression stand for, and its tests of values by their names. */
export interface Names {
  readonly slots: Slots;
  readonly tests: ReadonlyMap<string, (value: unknown) => boolean>;
}

/** The closure for a rewritten expression; undefined where it goes beyond what closures cover. */
export function closureOf(node: ASTNode, names: Names): OutcomeOf | undefined {
  const { op } = node;
  const { slots } = names;
  if (op === "&&") return both(closureOf(node.args[0], names), closureOf(node.args[1], names));
  if (op === "||") return either(closureOf(node.args[0], names), closureOf(node.args[1], names));
  if (op === "!_") return negation(closureOf(node.args, names));
  if (op === "id") {
    return testOf(node, slots, (value) => (typeof value === "boolean" ? value : undefined));
  }
  if (op === "==" || op === "!=") return equality(op, node.args, slots);
  if (op === "<" || op === "<=" || op === ">" || op === ">=") return order(op, node.args, slots);
  if (op === "in") return membership(node.args, slots);
  if (op === "rcall") return textMethod(node.args, slots);
  if (op === "call") return valueTest(node.args, names);
  return undefined;
}

/** Whether the left side decides, the right side is looked at, and an error on the right comes first. */
function both(left: OutcomeOf | undefined, right: OutcomeOf | undefined): OutcomeOf | undefined {
  if (left === undefined || right === undefined) return undefined;
  return (event) => {
    const first = left(event);
    if (first === "no") return "no";
    const second = right(event);
    return second === "yes" ? first : second;
  };
}

function either(left: OutcomeOf | undefined, right: OutcomeOf | undefined): OutcomeOf | undefined {
  if (left === undefined || right === undefined) return undefined;
  return (event) => {
    const first = left(event);
    if (first === "yes") return "yes";
    const second = right(event);
    return second === "no" ? first : second;
  };
}

function negation(inner: OutcomeOf | undefined): OutcomeOf | undefined {
  if (inner === undefined) return undefined;
  return (event) => {
    const outcome = inner(event);
    if (outcome === "yes") return "no";
    return outcome === "no" ? "yes" : outcome;
  };
}

function equality(
  op: "==" | "!=",
  [left, right]: [ASTNode, ASTNode],
  slots: Slots,
): OutcomeOf | undefined {
  const literal = literalOf(right);
  if (literal === undefined) return ofTimes(op, [left, right], slots);
  const wanted = op === "==";
  // Between a number and a bigint, JavaScript's == is exact; all other types compare by identity.
  const test: Test = isNumber(literal)
    ? (value) => (isNumber(value) && value == literal) === wanted
    : (value) => (value === literal) === wanted;
  return testOf(left, slots, test);
}

function order(
  op: "<" | "<=" | ">" | ">=",
  [left, right]: [ASTNode, ASTNode],
  slots: Slots,
): OutcomeOf | undefined {
  const literal = literalOf(right);
  if (literal === undefined || !isNumber(literal)) return ofTimes(op, [left, right], slots);
  const tests: Record<typeof op, Test> = {
    "<": (value) => (isNumber(value) ? value < literal : undefined),
    "<=": (value) => (isNumber(value) ? value <= literal : undefined),
    ">": (value) => (isNumber(value) ? value > literal : undefined),
    ">=": (value) => (isNumber(value) ? value >= literal : undefined),
  };
  return testOf(left, slots, tests[op]);
}

function membership([left, right]: [ASTNode, ASTNode], slots: Slots): OutcomeOf | undefined {
  if (right.op !== "list") return undefined;
  const literals = right.args.map(literalOf);
  if (literals.some((each) => typeof each !== "string")) return undefined;
  const texts = new Set<JsonValue>(literals as string[]);
  return testOf(left, slots, (value) => texts.has(value));
}

function textMethod(
  [method, receiver, parameters]: [string, ASTNode, ASTNode[]],
  slots: Slots,
): OutcomeOf | undefined {
  const literal = parameters.length === 1 ? literalOf(parameters[0]!) : undefined;
  if (typeof literal !== "string") return undefined;
  const tests: Record<string, Test> = {
    startsWith: (value) => asText(value)?.startsWith(literal),
    endsWith: (value) => asText(value)?.endsWith(literal),
    contains: (value) => asText(value)?.includes(literal),
  };
  const test = Object.hasOwn(tests, method) ? tests[method] : undefined;
  return test && testOf(receiver, slots, test);
}

function valueTest(
  [name, [subject, test]]: [string, ASTNode[]],
  { slots, tests }: Names,
): OutcomeOf | undefined {
  if (name !== value_test || subject === undefined || test?.op !== "value") return undefined;
  const holds = tests.get(String(test.args));
  return holds && testOf(subject, slots, holds);
}

function ofTimes(op: string, nodes: [ASTNode, ASTNode], slots: Slots): OutcomeOf | undefined {
  const holds = timeComparison(op, nodes, slots);
  return holds && ((event) => (holds(event) ? "yes" : "no"));
}

/** Applies the test to the value of a slot. A test that gives undefined has met a wrong type. */
function testOf(node: ASTNode, slots: Slots, test: Test): OutcomeOf | undefined {
  const slot = node.op === "id" ? slots.get(node.args) : undefined;
  if (slot === undefined || isTimeSlot(slot)) return undefined;
  return (event) => {
    const value = slotValue(slot, event);
    if (value === undefined) return "missing";
    const holds = test(value);
    if (holds === undefined) return "mistyped";
    return holds ? "yes" : "no";
  };
}

function literalOf(node: ASTNode): JsonValue | undefined {
  if (node.op === "-_") {
    const value = literalOf(node.args);
    return typeof value === "bigint" || typeof value === "number" ? narrow(-value) : undefined;
  }
  if (node.op !== "value") return undefined;
  const value = node.args;
  if (typeof value === "bigint") return narrow(value);
  return typeof value === "object" && value !== null ? undefined : value;
}

/** As a number where that is exact: V8 compares two numbers much faster than a number and a bigint. */
function narrow(value: bigint | number): bigint | number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function isNumber(value: JsonValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function asText(value: JsonValue): string | undefined {
  return typeof value === "string" ? value : undefined;
}
