/**
 * The bracket that is never closed. The YAML library notices it where the indentation stops to fit, which can be lines below.
 */
import { Parser, type CST } from "yaml";

/** Where the `[` or `{` is that nothing closes, the last that was opened; undefined where there is none. */
export function openBracketIn(text: string): { offset: number; bracket: string } | undefined {
  let found: { offset: number; bracket: string } | undefined;
  const look = (token: CST.Token | null | undefined): void => {
    if (token === null || token === undefined) return;
    if (token.type === "document") look(token.value);
    if (!("items" in token)) return;
    for (const { key, value } of token.items as CST.CollectionItem[]) {
      look(key);
      look(value);
    }
    if (token.type !== "flow-collection") return;
    const closing = token.start.type === "flow-map-start" ? "flow-map-end" : "flow-seq-end";
    const is_closed = token.end.some(({ type }) => type === closing);
    if (!is_closed) found ??= { offset: token.start.offset, bracket: token.start.source };
  };
  for (const token of new Parser().parse(text)) look(token);
  return found;
}
