/** Two configurations, compared line by line, without the secrets in them: what is printed may be kept by a build server. */
import { structuredPatch } from "diff";
import { withoutSecrets } from "../../config/document/secret-lines.ts";
import { printable } from "../../platform/text/printable.ts";
import { styled } from "../terminal/style.ts";

/** Lines such as `diff -u` prints them, each safe to show; none where both are the same. */
export function yamlDifference(before: string, after: string): string[] {
  const [lines_before, lines_after] = [before.split("\n"), after.split("\n")];
  const { hunks } = structuredPatch("", "", before, after, "", "", { context: 3 });
  return hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => {
    let [number_before, number_after] = [oldStart - 1, newStart - 1];
    const shown = lines.map((line) => {
      const kind = line.slice(0, 1);
      // What says that a last line has no end is of neither.
      if (kind === "\\") return marked(printable(line));
      const text =
        kind === "-"
          ? withoutSecrets(lines_before, number_before)
          : withoutSecrets(lines_after, number_after);
      if (kind !== "+") number_before += 1;
      if (kind !== "-") number_after += 1;
      return marked(printable(`${kind}${text}`));
    });
    return [styled("dim", `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`), ...shown];
  });
}

function marked(line: string): string {
  if (line.startsWith("-")) return styled("red", line);
  return line.startsWith("+") ? styled("green", line) : line;
}
