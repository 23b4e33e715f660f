/**
 * The bracket that is never closed. The YAML library notices it where the indentation stops to fit, which can be lines below.
 */
import { Parser, type CST } from "yaml";

/** Where the `[` or `{` is that nothing closes, the last that was opened; undefined where there is none. */
export function openBracketIn(text: string): { offset: number; bracket: string } | undefined {
  let found: CST.FlowCollection | undefined;
  // A list and not a recursion: brackets may be nested as deep as the file is long.
  const waiting: CST.Token[] = [...new Parser().parse(text)];
  for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) {
    if (token.type === "document" && token.value !== undefined) waiting.push(token.value);
    if (!("items" in token)) continue;
    for (const { key, value } of token.items as CST.CollectionItem[]) {
      for (const each of [key, value]) if (each !== null && each !== undefined) waiting.push(each);
    }
    if (token.type !== "flow-collection" || isClosed(token)) continue;
    if (found === undefined || token.offset > found.offset) found = token;
  }
  return found && { offset: found.start.offset, bracket: found.start.source };
}

function isClosed({ start, end }: CST.FlowCollection): boolean {
  const closing = start.type === "flow-map-start" ? "flow-map-end" : "flow-seq-end";
  return end.some(({ type }) => type === closing);
}
