/**
 * Which value of an event a chain of names and literal indexes is: `api.name`, `items[0]["b.c"]`, `event["log.level"]`.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import { isWellKnownType } from "./cel-literal.ts";
import { event_name, isEventItself } from "./event-name.ts";

/**
 * The path as tallyman writes it; undefined where the chain does not begin at a value of the event. `isTaken` says of a
 * name that it is something else there: a variable of a macro, or a type.
 */
export function eventPath(node: ASTNode, isTaken: (name: string) => boolean): string | undefined {
  if (node.op === "id") return isTaken(node.args) ? undefined : node.args;
  const isEvent = (object: ASTNode): boolean => isEventItself(object) && !isTaken(event_name);
  if (node.op === ".") {
    if (isWellKnownType(node)) return undefined;
    const [object, name] = node.args;
    if (isEvent(object)) return name;
    const parent = eventPath(object, isTaken);
    return parent && `${parent}.${name}`;
  }
  if (node.op !== "[]") return undefined;
  const [object, index] = node.args;
  if (index.op !== "value") return undefined;
  const isText = typeof index.args === "string";
  const parent = isText && isEvent(object) ? "" : eventPath(object, isTaken);
  if (isText) return parent === undefined ? undefined : `${parent}[${JSON.stringify(index.args)}]`;
  return typeof index.args === "bigint" ? parent && `${parent}[${index.args}]` : undefined;
}
