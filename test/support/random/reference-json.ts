/**
 * A naive JSON parser that keeps what JSON.parse loses: repeated members, and where each value stands.
 * It is for valid JSON of small depth, and shares no code with the scanner.
 */
import type { Path } from "../../../src/event/scan/path.ts";

export interface Node {
  /** Offsets in characters of the text. */
  start: number;
  end: number;
  members?: { key: string; value: Node; key_start?: number; key_end?: number }[];
  items?: Node[];
}

export function parseReference(text: string): Node {
  let at = 0;
  const skip = (): void => {
    while (" \n\r\t".includes(text[at] ?? "x")) at += 1;
  };
  const string = (): string => {
    const start = at;
    at += 1;
    while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
    at += 1;
    return JSON.parse(text.slice(start, at)) as string;
  };
  const value = (): Node => {
    skip();
    const node: Node = { start: at, end: at };
    if (text[at] === "{") {
      node.members = [];
      at += 1;
      skip();
      while (text[at] !== "}") {
        skip();
        const key_start = at;
        const key = string();
        const key_end = at;
        skip();
        at += 1;
        node.members.push({ key, value: value(), key_start, key_end });
        if (text[at] === ",") at += 1;
      }
      at += 1;
    } else if (text[at] === "[") {
      node.items = [];
      at += 1;
      skip();
      while (text[at] !== "]") {
        node.items.push(value());
        if (text[at] === ",") at += 1;
      }
      at += 1;
    } else if (text[at] === '"') string();
    else while (at < text.length && !" \n\r\t,]}".includes(text[at]!)) at += 1;
    node.end = at;
    skip();
    return node;
  };
  return value();
}

const fold = (text: string): string => text.toUpperCase().toLowerCase();

/** All nodes at the path, in the order of their starts, each once. */
export function select(root: Node, path: Path): Node[] {
  const found = new Set<Node>();
  const visit = (node: Node, depth: number): void => {
    const segment = path.segments[depth];
    if (segment === undefined) {
      found.add(node);
      return;
    }
    if (segment.kind === "deep") visit(node, depth + 1);
    for (const { key, value } of node.members ?? []) {
      if (segment.kind === "deep") visit(value, depth);
      else if (segment.kind === "any") visit(value, depth + 1);
      else if (segment.kind === "key") {
        const is_same = path.ignore_case ? fold(key) === fold(segment.name) : key === segment.name;
        if (is_same) visit(value, depth + 1);
      }
    }
    for (const [index, item] of (node.items ?? []).entries()) {
      if (segment.kind === "deep") visit(item, depth);
      else if (segment.kind === "any") visit(item, depth + 1);
      else if (segment.kind === "index" && segment.index === index) visit(item, depth + 1);
    }
  };
  visit(root, 0);
  return [...found].sort((a, b) => a.start - b.start || b.end - a.end);
}
