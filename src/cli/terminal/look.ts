/** What the terminal behind a stream can show. */
import { styleText } from "node:util";
import { isUnicode, type Look } from "./drawing/spans.ts";
import { colouring } from "./style.ts";

/** A pipe has no terminal, and its reader no doubt reads UTF-8. */
export function lookOf(
  stream: NodeJS.WriteStream,
  environment: NodeJS.ProcessEnv = process.env,
): Look {
  const wanted = colouring.wanted;
  const colour =
    wanted === "always" || (wanted === "auto" && styleText("red", "x", { stream }) !== "x");
  return { colour, unicode: !stream.isTTY || isUnicode(environment) };
}
