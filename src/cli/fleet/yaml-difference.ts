/** Two configurations, compared line by line. */
import { structuredPatch } from "diff";
import { printable } from "../../platform/text/printable.ts";
import { styled } from "../terminal/style.ts";

/** Lines such as `diff -u` prints them, each safe to show; none where both are the same. */
export function yamlDifference(before: string, after: string): string[] {
  const { hunks } = structuredPatch("", "", before, after, "", "", { context: 3 });
  return hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    styled("dim", `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`),
    ...lines.map((line) => marked(printable(line))),
  ]);
}

function marked(line: string): string {
  if (line.startsWith("-")) return styled("red", line);
  return line.startsWith("+") ? styled("green", line) : line;
}
