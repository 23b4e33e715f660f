/**
 * The options as a tree of JSON Schema nodes: for editors, for the docs, and to say what is known at a place.
 */
import { z } from "zod";
import { configSchema } from "./config.ts";
import type { ConfigPath } from "./place.ts";

/** The part of a JSON Schema (2020-12) that is used here. */
export interface OptionNode {
  $schema?: string;
  $id?: string;
  title?: string;
  description?: string;
  type?: string;
  const?: string;
  enum?: string[];
  default?: unknown;
  properties?: Record<string, OptionNode>;
  required?: string[];
  additionalProperties?: OptionNode | boolean;
  propertyNames?: OptionNode;
  items?: OptionNode;
  anyOf?: OptionNode[];
  oneOf?: OptionNode[];
}

/** A schema as users write it: before defaults are filled in and units are read. */
export function optionTreeOf(schema: z.core.$ZodType): OptionNode {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as OptionNode;
}

/** The tree of the whole configuration. */
export function configOptionTree(): OptionNode {
  return optionTreeOf(configSchema);
}

/** All nodes that may stand at `path`; more than one where a component has several types. */
export function nodesAt(tree: OptionNode, path: ConfigPath): OptionNode[] {
  let nodes = alternatives(tree);
  for (const part of path) nodes = nodes.flatMap((node) => childrenAt(node, part));
  return nodes;
}

/** A node, or the ones that it leaves a choice of. */
export function alternatives(node: OptionNode): OptionNode[] {
  const choices = node.anyOf ?? node.oneOf;
  if (choices === undefined) return [node];
  return choices.flatMap((choice) => alternatives(choice));
}

function childrenAt(node: OptionNode, part: string | number): OptionNode[] {
  const known = node.properties ?? {};
  if (typeof part === "number") return node.items === undefined ? [] : alternatives(node.items);
  if (Object.hasOwn(known, part)) return alternatives(known[part]!);
  const others = node.additionalProperties;
  return typeof others === "object" ? alternatives(others) : [];
}
