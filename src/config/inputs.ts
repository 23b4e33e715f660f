/**
 * The types of inputs and their options: those that receive what exists once have their journal's options, too.
 */
import { z } from "zod";
import { chainOptions } from "../chain/options.ts";
import { fileInputOptions } from "../inputs/file/options.ts";
import { hecInputShape } from "../inputs/hec/options.ts";
import { socketInputShape } from "../inputs/socket/options.ts";
import { stdinInputShape } from "../inputs/stdin/options.ts";
import { journalOptions } from "../journal/options.ts";

const ownChain = {
  chain: chainOptions
    .optional()
    .describe("What the events of this input pass through instead of the common `chain`."),
};

export const inputOptions = z.discriminatedUnion("type", [
  fileInputOptions.extend(ownChain),
  z.strictObject({ ...socketInputShape, ...journalOptions, ...ownChain }),
  z.strictObject({ ...hecInputShape, ...journalOptions, ...ownChain }),
  z.strictObject({ ...stdinInputShape, ...journalOptions, ...ownChain }),
]);

/** The options of one input, of whatever type. */
export type InputOptions = z.output<typeof inputOptions>;

/** Gives inputs without a type, in a configuration of whatever shape, the type `file`, in place. */
export function fillInputTypes(value: unknown): void {
  const inputs = isRecord(value) && isRecord(value["inputs"]) ? value["inputs"] : {};
  for (const input of Object.values(inputs)) {
    if (isRecord(input) && !Object.hasOwn(input, "type")) input["type"] = "file";
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
