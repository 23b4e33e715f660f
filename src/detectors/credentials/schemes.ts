/** Authorization schemes (RFC 9110, 11) that are followed by one token. */
import { blanks, token } from "../contract/alphabet.ts";
import { anyCase, type Detector, type Found } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";

/** `Bearer authentication failed` is a sentence: a short word of small letters is no token. */
const word_length_max = 19;
const token_length_min = 8;

function bearer(text: Text, at: number, end: number): Found | undefined {
  if (!text.isWordStart(at)) return undefined;
  const start = text.runEnd(end, blanks);
  const stop = text.runEnd(start, token);
  return isToken(text, start, stop) ? { start, end: stop } : undefined;
}

function isToken(text: Text, start: number, stop: number): boolean {
  const length = stop - start;
  if (length < token_length_min) return false;
  return length > word_length_max || /[0-9A-Z]/.test(text.slice(start, stop));
}

export const bearer_token: Detector = {
  id: "bearer",
  group: "credentials",
  finds: "the token behind `Bearer`",
  example: "Bearer xxxxxxxxxxxxxxxxxxxx",
  ways: [{ anchors: anyCase("bearer ", "bearer\t", "bearer%20", "bearer+"), look: bearer }],
};
