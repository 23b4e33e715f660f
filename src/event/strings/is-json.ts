/** Whether text is JSON, for those who look into containers and strings: a number or a word has nothing in it. */

/** How a container or a string begins. Most lines that begin with a bracket are seen here to be none: an exception is slow. */
const json_start = /^[ \t\r\n]*(?:"|\{[ \t\r\n]*["}]|\[[ \t\r\n]*["\]{[\-\dtfn])/;

/** Whether the text begins as a container or a string does. Quick. */
export function mayBeJson(text: string): boolean {
  return json_start.test(text);
}

/** Whether the text is a container or a string in strict JSON. */
export function isJson(text: string): boolean {
  if (!mayBeJson(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
