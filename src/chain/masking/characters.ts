/** What the characters of a text are to the mask: quotes, brackets, blanks, parts of words. */

export const quotes = "\"'`";
export const blanks = " \t\r\n";

/** Whether a quote is at `at`. */
export function isQuote(text: string, at: number): boolean {
  return at >= 0 && at < text.length && quotes.includes(text[at]!);
}

/** Whether a JSON object or array could begin at `at`. */
export function isContainer(text: string, at: number): boolean {
  return text[at] === "{" || text[at] === "[";
}

/** Whether a letter or digit is at `at`. */
export function isAlphanumeric(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 0x80) {
    const lower = code | 0x20;
    return (lower >= 0x61 && lower <= 0x7a) || (code >= 0x30 && code <= 0x39);
  }
  return at >= 0 && at < text.length && /[\p{L}\p{N}]/u.test(text[at]!);
}

/** Whether a name goes on at `at`, as `token` does in `tokens`, `token_count` and `token-id`, and not in `token->`. */
export function continuesName(text: string, at: number): boolean {
  const isJoint = text[at] === "_" || text[at] === "-";
  return isAlphanumeric(text, isJoint ? at + 1 : at);
}

/** Where the blanks end that begin at `at`. */
export function skipBlanks(text: string, at: number): number {
  let next = at;
  while (next < text.length && blanks.includes(text[next]!)) next += 1;
  return next;
}

/** Where the opening quote of a text is, as at `at` or behind the prefix of a Python or SQL text (b'…', N'…'). */
export function openingQuote(text: string, at: number): number | undefined {
  for (let next = at; next <= at + 2; next += 1) {
    if (isQuote(text, next)) return next;
    if (!isAlphanumeric(text, next)) return undefined;
  }
  return undefined;
}
