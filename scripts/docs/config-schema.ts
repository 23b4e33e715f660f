/**
 * The JSON Schema of the configuration, for editors: with the options of the built-in plugins in the chain.
 */
import type { z } from "zod";
import type { Plugin } from "../../src/plugin.ts";
import {
  alternatives,
  configOptionTree,
  optionTreeOf,
  type OptionNode,
} from "../../src/config/option-tree.ts";

export function configJsonSchema(plugins: readonly Plugin[]): OptionNode {
  const { $schema, ...tree } = configOptionTree();
  const inputs = tree.properties!["inputs"]!.additionalProperties as OptionNode;
  for (const { properties } of [tree, ...alternatives(inputs)]) {
    const step = properties?.["chain"]?.items;
    if (step === undefined) throw new Error("the chain's steps are not in the schema any more");
    for (const plugin of plugins) step.properties![plugin.name] = pluginTree(plugin);
  }
  return { ...($schema !== undefined && { $schema }), title: "tallyman", ...tree };
}

/** The options of a built-in plugin, all of which have zod schemas. */
export function pluginTree(plugin: Plugin): OptionNode {
  const { $schema: _, ...tree } = optionTreeOf(plugin.options as unknown as z.ZodType);
  return { ...tree, ...(plugin.description !== undefined && { description: plugin.description }) };
}
