/**
 * Of what kind a condition takes the values of an event to be, by what it compares them with: for `status == "200"` a text.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import { partsOf } from "./cel-tree.ts";

/** The kinds that are never equal to one another. */
export type ValueKind = "text" | "number" | "truth";

const comparisons = new Set(["==", "!=", "<", "<=", ">", ">="]);

/** By variable of the rewritten expression; those that are compared with several kinds are left out. */
export function expectedKinds(ast: ASTNode): ReadonlyMap<string, ValueKind> {
  const kinds = new Map<string, Set<ValueKind>>();
  collect(ast, (variable, kind) => {
    const known = kinds.get(variable);
    if (known === undefined) kinds.set(variable, new Set([kind]));
    else known.add(kind);
  });
  return new Map(
    [...kinds].filter(([, all]) => all.size === 1).map(([variable, [kind]]) => [variable, kind!]),
  );
}

/** The kind of a JSON value; undefined for null, lists and maps. */
export function kindOfValue(value: unknown): ValueKind | undefined {
  if (typeof value === "string") return "text";
  if (typeof value === "number" || typeof value === "bigint") return "number";
  return typeof value === "boolean" ? "truth" : undefined;
}

function collect(node: ASTNode, found: (variable: string, kind: ValueKind) => void): void {
  if (comparisons.has(node.op)) {
    const [left, right] = node.args as [ASTNode, ASTNode];
    for (const [one, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const kind = other.op === "value" ? kindOfValue(other.args) : undefined;
      if (one.op === "id" && kind !== undefined) found(one.args, kind);
    }
  }
  if (node.op === "in" && node.args[0].op === "id" && node.args[1].op === "list") {
    for (const item of node.args[1].args) {
      const kind = item.op === "value" ? kindOfValue(item.args) : undefined;
      if (kind !== undefined) found(node.args[0].args, kind);
    }
  }
  for (const part of partsOf(node)) collect(part, found);
}
