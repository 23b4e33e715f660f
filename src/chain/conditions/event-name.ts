/**
 * The values of an event that conditions name, such as `api.name` and `items[0]["b.c"]`, and the name that they have for the
 * event itself: `event["log.level"]`, `event.namespace`, `has(event.user)`.
 *
 * That is one only in front of a name or a text in brackets. Alone, `event` is the value at the key `event`, as any other
 * name is; and a value below that key is `event.event.action`.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import { isWellKnownType } from "./cel-literal.ts";

export const event_name = "event";

/** Names that CEL keeps for itself: at the top of an event they need `event.` before them. */
export const reserved: ReadonlySet<string> = new Set(
  (
    "as break const continue else false for function if import in let loop namespace null package return true var void " +
    "while"
  ).split(" "),
);

/** Whether the key can be written bare at the top. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && !reserved.has(name);
}

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

/** Whether the node, which something is taken of, is the event itself. */
function isEventItself(node: ASTNode): boolean {
  return node.op === "id" && node.args === event_name;
}
