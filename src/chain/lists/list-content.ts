/**
 * What a list in a file holds: one value a line, or one network. Blank lines and comments are left out, a comment being
 * what begins with `#` at the start of a line or behind a blank.
 */
import { Networks } from "./networks.ts";

/** Of what a list is: texts and numbers to be equal to, or networks to be in. */
export type ListKind = "values" | "networks";

export interface ListContent {
  /** How many values it has. */
  readonly count: number;
  /** Whether a value of an event is in it, as JSON has it or as CEL does. */
  readonly holds: (value: unknown) => boolean;
}

/** A line of a list that is none of its kind, in words that follow the file's name. */
export class ListMistake extends Error {}

/** Reads the text of a list. Throws a ListMistake. */
export function readList(text: string, kind: ListKind): ListContent {
  const lines = linesOf(text);
  if (kind === "values") return valuesOf(lines);
  const networks = new Networks();
  for (const { value, line } of lines) {
    if (networks.add(value) === undefined) continue;
    // What is in the line is not said: the file may be another one, with secrets in it.
    const form = "a network such as 10.0.0.0/8 or fd00::/8, without bits behind its prefix";
    throw new ListMistake(`is wrong in line ${line}; a line is ${form}`);
  }
  return { count: lines.length, holds: holdsAddress(networks) };
}

/** Whether a value is an address in the networks. */
export function holdsAddress(networks: Networks): ListContent["holds"] {
  return (value) => typeof value === "string" && networks.has(value);
}

/** A number is in the list where it is written there as JavaScript writes it: 1001, -1, 1.5. */
function valuesOf(lines: readonly { readonly value: string }[]): ListContent {
  const values = new Set(lines.map(({ value }) => value));
  const holds = (value: unknown): boolean => {
    if (typeof value === "string") return values.has(value);
    return (typeof value === "number" || typeof value === "bigint") && values.has(String(value));
  };
  return { count: values.size, holds };
}

function linesOf(text: string): { value: string; line: number }[] {
  return text
    .split("\n")
    .map((line, number) => ({ value: withoutComment(line), line: number + 1 }))
    .filter(({ value }) => value !== "");
}

function withoutComment(line: string): string {
  const comment = line.search(/(?:^|\s)#/);
  return (comment < 0 ? line : line.slice(0, comment)).trim();
}
