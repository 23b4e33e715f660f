/**
 * The name that conditions have for the event itself: `event["log.level"]`, `event.namespace`, `has(event.user)`.
 *
 * It is one only in front of a name or a text in brackets. Alone, `event` is the value at the key `event`, as any other
 * name is; and a value below that key is `event.event.action`.
 */
import type { ASTNode } from "@marcbachmann/cel-js";

export const event_name = "event";

/** Names that CEL keeps for itself: at the top of an event they need `event.` before them. */
const reserved = new Set(
  (
    "as break const continue else false for function if import in let loop namespace null package return true var void " +
    "while"
  ).split(" "),
);

/** Whether the key can be written bare at the top. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && !reserved.has(name);
}

/** What to write for the word at which the parser could not go on; empty where that is not known. */
export function adviceAt(expression: string, position: number): string {
  const rest = expression.slice(position);
  if (/^=[^=]/.test(rest)) return "; equality is written ==";
  if (/^(?:and|or|not)\b/i.test(rest)) return "; `and`, `or` and `not` are written &&, || and !";
  const before = expression.slice(0, position);
  // A part of a key, such as `for` in x-forwarded-for.
  const begun =
    (/^\w/.test(rest) ? /[A-Za-z_][\w-]*-$/ : /[A-Za-z_][\w-]*$/).exec(before)?.[0] ?? "";
  const name = begun + (/^[\w@$:/\u0080-\uffff.-]*[\w\u0080-\uffff]/.exec(rest)?.[0] ?? "");
  const above = before.slice(0, before.length - begun.length);
  const object = /([\w\])"][\w\])".]*)\.$/.exec(above)?.[1];
  if (name === begun) return "";
  if (object !== undefined) return `; the key is written ${object}[${JSON.stringify(name)}]`;
  // Behind a value, it is no key that is at fault.
  if (/[\w\])"'] *$/.test(above)) return "";
  if (!/^\w+$/.test(name)) return `; the key is written ${event_name}[${JSON.stringify(name)}]`;
  return reserved.has(name) ? `; the event's own key is written ${event_name}.${name}` : "";
}

/** Whether the node, which something is taken of, is the event itself. */
export function isEventItself(node: ASTNode): boolean {
  return node.op === "id" && node.args === event_name;
}
