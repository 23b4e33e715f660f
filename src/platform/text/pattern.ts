/**
 * Regular expressions of users: RE2, so that the time they take is linear whatever the text.
 */
import { RE2JS } from "re2js";
import { messageOf } from "../errors.ts";

/** Compiles an expression, or says what is wrong with it. */
export function compilePattern(text: string): RE2JS | { readonly fault: string } {
  try {
    return RE2JS.compile(text);
  } catch (cause) {
    return { fault: messageOf(cause) };
  }
}
