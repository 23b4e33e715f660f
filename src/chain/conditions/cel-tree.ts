/**
 * Walking through the tree of a CEL expression.
 */
import type { ASTNode } from "@marcbachmann/cel-js";

/** The nodes below, of which macros' variables are some. */
export function partsOf({ args }: ASTNode): ASTNode[] {
  const parts = Array.isArray(args) ? (args as unknown[]).flat(2) : [args];
  return parts.filter(
    (part): part is ASTNode => typeof part === "object" && part !== null && "op" in part,
  );
}

/** The node, and what it begins with. */
export function partsDown(node: ASTNode): ASTNode[] {
  const [first] = partsOf(node);
  return first === undefined ? [node] : [node, ...partsDown(first)];
}

/** Where it begins in the expression; names and methods have the place of what is behind their dot. */
export function startOf(node: ASTNode): number {
  return partsDown(node).reduce((least, { pos }) => Math.min(least, pos), node.pos);
}
