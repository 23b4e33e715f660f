/**
 * Patterns in RE2's syntax: they take linear time, whatever the text. Their library is large, and few configurations have a
 * pattern: it is loaded with the first one.
 */
import { createRequire } from "node:module";
import type { RE2JS } from "re2js";

export type LinearPattern = RE2JS;

/** Throws an error whose message says what is wrong with the pattern. */
export function linearPattern(text: string): LinearPattern {
  // Node keeps what it has loaded.
  const library = createRequire(import.meta.url)("re2js") as typeof import("re2js");
  return library.RE2JS.compile(text);
}
