/**
 * Comparisons of times and durations as closures: `now() - time > duration("7d")`. All of it is whole milliseconds; what is
 * finer is left to the CEL library.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import type { Event } from "../../event/event.ts";
import { isTimeSlot, slotTime, type CompiledSlot } from "./condition-slots.ts";

type Slots = ReadonlyMap<string, CompiledSlot>;

/** A time or a duration, in milliseconds. */
interface Quantity {
  readonly kind: "time" | "duration";
  readonly of: (event: Event) => number;
}

/** The closure for a comparison of two times or two durations; undefined for any other. */
export function timeComparison(
  op: string,
  [left, right]: [ASTNode, ASTNode],
  slots: Slots,
): ((event: Event) => boolean) | undefined {
  const one = quantityOf(left, slots);
  const other = one && quantityOf(right, slots);
  if (other === undefined || one?.kind !== other.kind) return undefined;
  const { of } = one;
  const than = other.of;
  if (op === "==") return (event) => of(event) === than(event);
  if (op === "!=") return (event) => of(event) !== than(event);
  if (op === "<") return (event) => of(event) < than(event);
  if (op === "<=") return (event) => of(event) <= than(event);
  if (op === ">") return (event) => of(event) > than(event);
  return (event) => of(event) >= than(event);
}

function quantityOf(node: ASTNode, slots: Slots): Quantity | undefined {
  if (node.op === "id") {
    const slot = slots.get(node.args);
    if (slot === undefined || !isTimeSlot(slot)) return undefined;
    return { kind: "time", of: (event) => slotTime(slot, event) };
  }
  if (node.op === "call") return literalOf(node.args);
  if (node.op !== "+" && node.op !== "-") return undefined;
  const [left, right] = node.args.map((each) => quantityOf(each, slots));
  if (left === undefined || right === undefined) return undefined;
  const sign = node.op === "+" ? 1 : -1;
  const of = (event: Event): number => left.of(event) + sign * right.of(event);
  if (right.kind === "duration") return { kind: left.kind, of };
  // Two times have a difference and no sum.
  return left.kind === "time" && sign < 0 ? { kind: "duration", of } : undefined;
}

function literalOf([name, [parameter]]: [string, ASTNode[]]): Quantity | undefined {
  if (parameter?.op !== "value" || typeof parameter.args !== "string") return undefined;
  const text = parameter.args;
  const value = name === "timestamp" ? Date.parse(text) : Number(text.slice(0, -1)) * 1000;
  if (name !== "timestamp" && (name !== "duration" || !/^-?\d+\.\d{3}0{6}s$/.test(text))) {
    return undefined;
  }
  const value_ms = Math.round(value);
  return { kind: name === "timestamp" ? "time" : "duration", of: () => value_ms };
}
