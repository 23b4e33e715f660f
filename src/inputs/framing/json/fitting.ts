/**
 * How bytes at the beginning of a file look that is JSON, but not one record a line: one document with indents, an array, a
 * list of records in an object, or a JSON text sequence (RFC 7464).
 */

/** Keys of lists of records that are widely used. Others are not named, since they are a part of an event. */
const known_keys = ["Records", "items"];
const array_of_objects = /^\s*\[\s*\{/;
const kubernetes_list = /^\s*\{[^[]*?"kind"\s*:\s*"\w*List"[^[]*?"items"\s*:\s*\[\s*\{/;
/** The first line is only a bracket. */
const indented = /^\s*[{[]\s*\r?\n\s*["{[]/;
/** An object with a list before anything else. */
const list_first = /^\s*\{\s*"((?:[^"\\]|\\.)*)"\s*:\s*\[\s*\{/;

/** Each document has a record separator before it. */
const record_separator = "\x1e";

/** What to write for `framing`; undefined where the beginning of the file may be lines. */
export function fittingJson(text: string): string | undefined {
  if (text.startsWith(record_separator)) return "json";
  if (array_of_objects.test(text)) return recordsAt('"."');
  if (kubernetes_list.test(text)) return recordsAt("items");
  const key = list_first.exec(text)?.[1];
  if (indented.test(text)) return key === undefined ? "json" : listAt(key);
  if (key === undefined) return undefined;
  const end = text.indexOf("\n");
  const line = end === -1 ? text : text.slice(0, end);
  const members = membersOf(line);
  if (members !== undefined) return members === 1 ? listAt(key) : undefined;
  return end === -1 && known_keys.includes(key) ? listAt(key) : undefined;
}

function listAt(key: string): string {
  if (known_keys.includes(key)) return recordsAt(key);
  return `${recordsAt("KEY")}, where KEY is the key of the list`;
}

function recordsAt(path: string): string {
  return `{ json: { records: ${path} } }`;
}

/** How many members the object has; undefined where it is no JSON. */
function membersOf(line: string): number | undefined {
  try {
    return Object.keys(JSON.parse(line) as object).length;
  } catch {
    return undefined;
  }
}
