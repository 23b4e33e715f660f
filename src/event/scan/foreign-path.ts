/**
 * Paths as other tools write them, JSONPath (RFC 9535) and JSON Pointer (RFC 6901), in tallyman's spelling: for the
 * message of whoever copied one.
 */

const bare_key = /^[^.[\]"*\s$/]+$/;
const number = /^\d+$/;

/** Undefined where the text begins as tallyman's own paths do. */
export function ownSpelling(text: string): string | undefined {
  if (text.startsWith("/")) return fromPointer(text);
  if (text.startsWith("$")) return fromJsonPath(text);
  return undefined;
}

function fromPointer(text: string): string {
  const keys = text.slice(1).split("/");
  return keys
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((key, at) => (at > 0 && number.test(key) ? `[${key}]` : written(key, at === 0)))
    .join("");
}

/** `.key`, `..key`, `['key']`, `["key"]`, `[0]` and the wildcards. */
const json_path_part =
  /(\.\.|\.)?(?:\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]\s]+))/sy;

function fromJsonPath(text: string): string {
  const whole = `[${JSON.stringify(text)}]`;
  let spelling = "";
  let at = 1;
  // `$type` is a key, and not JSONPath.
  if (text.length > 1 && text[1] !== "." && text[1] !== "[") return whole;
  while (at < text.length) {
    json_path_part.lastIndex = at;
    const match = json_path_part.exec(text);
    if (match === null) return whole;
    const [part, dots, single, double, bracketed, bare] = match;
    const is_first = spelling === "";
    if (dots === "..") spelling += is_first ? "**" : ".**";
    const key = single ?? double ?? bare;
    if (bracketed !== undefined) spelling += `[${bracketed}]`;
    else if (key === "*") spelling += is_first && dots !== ".." ? "*" : ".*";
    else spelling += written(key!, is_first && dots !== "..");
    at += part.length;
  }
  return spelling === "" ? whole : spelling;
}

function written(key: string, is_first: boolean): string {
  if (!bare_key.test(key)) return `[${JSON.stringify(key)}]`;
  return is_first ? key : `.${key}`;
}
