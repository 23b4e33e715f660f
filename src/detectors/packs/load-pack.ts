/** Loads a pack: one that comes with tallyman by its name, a user's own by the path of its file. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isNode, LineCounter, parseDocument, type Document } from "yaml";
import type { z } from "zod";
import { messageOf } from "../../platform/errors.ts";
import type { Directories } from "../../platform/files/confined.ts";
import { built_in_packs } from "../../platform/places.ts";
import { suggestion } from "../../platform/text/suggest.ts";
import { isReportOnly, unknownDetector } from "../table.ts";
import { packPath, packText } from "./pack-file.ts";
import { type Pack, pack_schema, PackError } from "./pack.ts";

/** The names of the packs that come with tallyman. */
export function builtInPacks(): string[] {
  const files = readdirSync(built_in_packs).filter((file) => file.endsWith(".yaml"));
  return files.map((file) => file.slice(0, -".yaml".length)).sort();
}

/**
 * The pack of this name, or in this file: a name with a slash or a file's ending is a path, and begins at `directory`,
 * and has to be in one of `directories`. Throws a PackError that says where the mistake is.
 */
export async function loadPack(
  name: string,
  directory: string,
  directories?: Directories,
): Promise<Pack> {
  const path = packPath(name, directory);
  if (path !== undefined) return readPack(path, directories);
  const known = builtInPacks();
  if (!known.includes(name)) {
    const hint = suggestion(name, known);
    throw new Error(
      `there is no pack "${name}"${hint}; the path of a pack of your own has a slash in it`,
    );
  }
  return readPack(fileURLToPath(new URL(`${name}.yaml`, built_in_packs)));
}

async function readPack(file: string, directories?: Directories): Promise<Pack> {
  const text = await textOf(file, directories);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "error",
  });
  const refuse = (message: string, offset: number): never => {
    const { line, col } = lines.linePos(offset);
    throw new PackError(message, { file, line: Math.max(line, 1), column: Math.max(col, 1) });
  };
  const [mistake] = [...document.errors, ...document.warnings];
  if (mistake !== undefined) refuse(mistake.message, mistake.pos[0]);
  const parsed = pack_schema.safeParse(toValue(document, refuse));
  if (!parsed.success) return refuseIssue(document, parsed.error.issues[0]!, refuse);
  parsed.data.detect.forEach((name, index) => {
    const wrong = isReportOnly(name) ? `${name} is for reports alone` : unknownDetector(name);
    if (wrong !== undefined) refuse(wrong, offsetOf(document, ["detect", index]));
  });
  const samples = parsed.data.samples.map((sample, index) => ({
    ...sample,
    line: lines.linePos(offsetOf(document, ["samples", index])).line,
  }));
  return { ...parsed.data, samples, file };
}

type Refuse = (message: string, offset: number) => never;

async function textOf(file: string, directories: Directories): Promise<string> {
  try {
    return await packText(file, directories);
  } catch (thrown) {
    const reason = `the pack cannot be read: it ${messageOf(thrown)}`;
    throw new PackError(reason, { file, line: 1, column: 1 });
  }
}

/** Aliases are counted by the library: one that doubles itself again and again is refused. */
function toValue(document: Document, refuse: Refuse): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (thrown) {
    return refuse(messageOf(thrown), 0);
  }
}

const known_keys = Object.keys(pack_schema.shape);

function refuseIssue(document: Document, issue: z.core.$ZodIssue, refuse: Refuse): never {
  const path = issue.path.filter((part) => typeof part !== "symbol");
  if (issue.code !== "unrecognized_keys") {
    const place = path.length === 0 ? "" : `${path.join(".")}: `;
    return refuse(`${place}${issue.message}`, offsetOf(document, path));
  }
  const key = issue.keys[0]!;
  const hint = path.length === 0 ? suggestion(key, known_keys) : "";
  return refuse(`there is no option "${key}" here${hint}`, offsetOf(document, [...path, key]));
}

/** Where a value stands; where that is missing, what it should be in. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown =
      length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range != null) return node.range[0];
  }
  return 0;
}
