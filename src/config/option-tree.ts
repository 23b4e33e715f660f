/**
 * The options as a tree of JSON Schema nodes: for editors, for the docs, and to say what is known at a place.
 */
import { z } from "zod";
import { configSchema, shared_prefix } from "./config.ts";
import { valueAt, type ConfigPath } from "./document/place.ts";

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
  patternProperties?: Record<string, OptionNode>;
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
  const shared = {
    description:
      "Not an option: holds text that the file repeats, with an anchor (&name) here and aliases (*name) elsewhere.",
  };
  return { ...optionTreeOf(configSchema), patternProperties: { [`^${shared_prefix}`]: shared } };
}

/**
 * The nodes that may be at `path` in `value`; more than one where the value leaves a choice. Where a component has
 * several types, its `type` in the value chooses.
 */
export function nodesAt(tree: OptionNode, path: ConfigPath, value: unknown): OptionNode[] {
  let nodes = chosen(alternatives(tree), value);
  path.forEach((part, index) => {
    const below = valueAt(value, path.slice(0, index + 1));
    nodes = chosen(
      nodes.flatMap((node) => childrenAt(node, part)),
      below,
    );
  });
  return nodes;
}

/** Those of the alternatives whose type is the value's; all of them where it has none of theirs. */
function chosen(nodes: OptionNode[], value: unknown): OptionNode[] {
  const type = valueAt(value, ["type"]);
  const matching = nodes.filter(({ properties }) => properties?.["type"]?.const === type);
  return type === undefined || matching.length === 0 ? nodes : matching;
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
