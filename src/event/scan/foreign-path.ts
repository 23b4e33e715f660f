/**
 * Paths as other tools write them, in tallyman's spelling, for the message of whoever copied one: JSONPath (RFC 9535), JSON
 * Pointer (RFC 6901), jq, JavaScript, Logstash, and templates.
 */

const bare_key = /^[^.[\]"*\s$/@{}']+$/;
const number = /^\d+$/;

/** How paths of other tools begin, for which tallyman has no use. */
const foreign_start = /^(?:[$/.]|@(?:[.[]|$)|[%$]?\{)/;

/** Undefined where the text begins as tallyman's own paths do. */
export function ownSpelling(text: string): string | undefined {
  if (!foreign_start.test(text)) return undefined;
  const [, inside] = /^[%$]?\{{1,2}\s*(.*?)\s*\}{1,2}$/s.exec(text) ?? [];
  if (inside !== undefined && inside !== "") {
    return ownSpelling(inside) ?? likelySpelling(inside) ?? inside;
  }
  if (text.startsWith("/")) return fromPointer(text);
  // `$type` is a key, and not JSONPath.
  const at = text.startsWith(".") ? 0 : 1;
  const is_key = text.length > at && text[at] !== "." && text[at] !== "[";
  return (is_key ? undefined : fromParts(text, at)) ?? `[${JSON.stringify(text)}]`;
}

/** What a text is likely meant to be that is no path of tallyman's; undefined where nobody knows. */
export function likelySpelling(text: string): string | undefined {
  const spelling = fromParts(text, 0);
  return spelling === text ? undefined : spelling;
}

function fromPointer(text: string): string {
  const keys = text.slice(1).split("/");
  return keys
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((key, at) => (at > 0 && number.test(key) ? `[${key}]` : written(key, at === 0)))
    .join("");
}

/** `.key`, `..key`, `['key']`, `["key"]`, `."key"`, `[key]`, `[0]`, `.[0]`, `[]` and the wildcards. */
const foreign_part =
  /(\.\.|\.)?(?:\[?'((?:[^'\\]|\\.)*)'\]?|\[?"((?:[^"\\]|\\.)*)"\]?|\[(\d+|\*|)\]|\[([A-Za-z_@][^.[\]\s"']*)\]|([^.[\]\s"']+))/sy;

/** Undefined for what has other parts than these. */
function fromParts(text: string, start: number): string | undefined {
  let spelling = "";
  let at = start;
  while (at < text.length) {
    foreign_part.lastIndex = at;
    const match = foreign_part.exec(text);
    if (match === null) return undefined;
    const [part, dots, single, double, bracketed, word, bare] = match;
    const is_first = spelling === "";
    if (dots === "..") spelling += is_first ? "**" : ".**";
    const key = single ?? double ?? word ?? bare;
    if (bracketed !== undefined) spelling += `[${bracketed || "*"}]`;
    else if (key === "*") spelling += is_first && dots !== ".." ? "*" : ".*";
    else spelling += written(key!, is_first && dots !== "..");
    at += part.length;
  }
  return spelling === "" ? undefined : spelling;
}

function written(key: string, is_first: boolean): string {
  if (!bare_key.test(key)) return `[${JSON.stringify(key)}]`;
  return is_first ? key : `.${key}`;
}
