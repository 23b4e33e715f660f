/**
 * Patterns in RE2's syntax: they take linear time, whatever the text. Their library is large, and few configurations have a
 * pattern: it is loaded with the first one.
 */
import { createRequire } from "node:module";
import type { RE2JS } from "re2js";

export type LinearPattern = RE2JS;

/** What other languages have, and takes more than linear time. */
const looks_around = /\(\?<?[=!]|\\[1-9]/;
const without = "these patterns have no look-ahead, look-behind or back-reference";

/** Throws an error whose message says what is wrong with the pattern. */
export function linearPattern(text: string): LinearPattern {
  // Node keeps what it has loaded.
  const library = createRequire(import.meta.url)("re2js") as typeof import("re2js");
  try {
    return library.RE2JS.compile(text);
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(looks_around.test(text) ? `${message}; ${without}` : message, { cause });
  }
}
