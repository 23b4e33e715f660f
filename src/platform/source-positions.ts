/**
 * Where a stack's positions in the built program are in its source. The source maps beside it are read when an error is
 * described, and not before: with Node's own --enable-source-maps every start would read them.
 */
import { existsSync, readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { fileURLToPath } from "node:url";
import { built_program } from "./places.ts";

/** A stack, or a part of one, with the positions in files of this program as src/FILE:LINE:COLUMN. */
export function inSource(stack: string): string {
  const maps = new Map<string, SourceMap | undefined>();
  return stack.replaceAll(/(file:[^\s()]+):(\d+):(\d+)/g, (position, file: string, ...at) => {
    if (!file.startsWith(built_program.href)) return position;
    if (!maps.has(file)) maps.set(file, mapOf(file));
    const origin = maps.get(file)?.findOrigin(Number(at[0]), Number(at[1]));
    if (origin === undefined || !("fileName" in origin)) return position;
    const { fileName, lineNumber, columnNumber } = origin;
    return `${fileName.replace(/^(\.\.\/)+/, "")}:${lineNumber}:${columnNumber}`;
  });
}

function mapOf(file: string): SourceMap | undefined {
  const map = `${fileURLToPath(file)}.map`;
  if (!existsSync(map)) return undefined;
  return new SourceMap(JSON.parse(readFileSync(map, "utf8")) as SourceMapPayload);
}
