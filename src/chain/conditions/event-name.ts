/**
 * The name that conditions have for the event itself: `event["log.level"]`, `event.namespace`, `has(event.user)`.
 *
 * It is one only in front of a name or a text in brackets. Alone, `event` is the value at the key `event`, as any other
 * name is; and a value below that key is `event.event.action`.
 */
import type { ASTNode } from "@marcbachmann/cel-js";

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

/** Whether the node, which something is taken of, is the event itself. */
export function isEventItself(node: ASTNode): boolean {
  return node.op === "id" && node.args === event_name;
}
