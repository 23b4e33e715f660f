/**
 * How a time is written, without what it says: it is for the log, where no part of an event may be.
 */

const shape_length_max = 40;

/** Words that say how a time is written. */
const known_words =
  /^(?:[TZ]|UTC|GMT|AM|PM|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun)$/;

/** The text with 9 for each digit, and `a` for each letter that is not of a known word. */
export function shapeOf(text: string): string {
  const shape = text
    .slice(0, shape_length_max)
    .replace(/\p{L}+/gu, (word) => (known_words.test(word) ? word : "a".repeat(word.length)))
    .replace(/\d/g, "9")
    .replace(/[^ -~]/g, "?");
  return text.length > shape_length_max ? `${shape}…` : shape;
}
