/**
 * A pack: a list of what is secret in the events of one kind, ready to be used by `redact`, with samples that show and prove
 * what it does. Packs are YAML that users read, copy and change.
 */
import { z } from "zod";

const list = z.array(z.string().min(1)).default([]);

const pattern = z.strictObject({ name: z.string().min(1), match: z.string().min(1) });

/** An event as JSON or as text, and what becomes of it where all that is secret is `[REDACTED]`. */
const sample = z.strictObject({
  name: z.string().min(1),
  event: z.union([z.string(), z.record(z.string(), z.unknown())]),
  expect: z.union([z.string(), z.record(z.string(), z.unknown())]),
});

/** What stands in the file. */
export const pack_schema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, "expected small letters, digits and _"),
  version: z.int().min(1),
  description: z.string().min(1),
  fields: list.describe("Paths of secret values, in any case."),
  keys: list.describe("Names or globs of keys whose values are secret at any depth, in any case."),
  detect: list.describe("Detectors and groups of them, in every string."),
  patterns: z.array(pattern).default([]),
  name_value: z
    .boolean()
    .default(false)
    .describe("Whether a list of names and values is meant by the keys, too."),
  samples: z.array(sample).min(1, "expected at least one sample"),
});

/** A sample, and where it stands. */
export interface PackSample extends z.output<typeof sample> {
  readonly line: number;
}

/** A pack as it is used. */
export interface Pack extends Omit<z.output<typeof pack_schema>, "samples"> {
  readonly samples: readonly PackSample[];
  /** The path of its file. */
  readonly file: string;
}

/** What is wrong with a pack, and where. */
export class PackError extends Error {
  override readonly name = "PackError";
  readonly file: string;
  readonly line: number;
  readonly column: number;

  constructor(
    message: string,
    { file, line, column }: { file: string; line: number; column: number },
  ) {
    super(`${file}:${line}:${column}: ${message}`);
    this.file = file;
    this.line = line;
    this.column = column;
  }
}
