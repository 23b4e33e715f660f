/**
 * Whether a string may hold JSON, from its first characters: cheap enough to be asked of every string of a record.
 */

const backslash = 0x5c;
const open_brace = 0x7b;
const open_bracket = 0x5b;
const close_bracket = 0x5d;

/** First bytes of a string that may hold JSON: its own, white space, marks before it, and escapes of any of those. */
const hints = new Uint8Array(256);
for (const byte of [open_brace, open_bracket, backslash, 0x20, 0xc2, 0xe2, 0xef]) hints[byte] = 1;

/** What is behind the backslash of a blank or control: b, f, n, r, t. */
const blank_escapes = Buffer.from("bfnrt");

/** Whether a string that begins with this byte is worth a closer look. */
export function isHint(byte: number): boolean {
  return hints[byte] === 1;
}

/**
 * Whether what stands between the quotes of a string, `bytes[start, end)`, opens an object or an array. White space,
 * other blanks, marks without a width and the quotes of further strings around it are passed over, in any spelling.
 * One word in brackets, as takes the place of secrets, is not meant.
 */
export function beginsLikeJson(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === open_brace) return true;
    if (byte === open_bracket) return !isMark(bytes, at + 1, end);
    let length = 1;
    if (byte === backslash) {
      // In a further string, the backslash of an escape has one before it.
      const letter = bytes[at + 1] === backslash ? at + 2 : at + 1;
      if (bytes[letter] === 0x75) {
        const unit = Number.parseInt(bytes.toString("latin1", letter + 1, letter + 5), 16);
        if (unit === open_brace || unit === open_bracket) return true;
        if (!isPassedOver(unit)) return false;
        length = letter + 5 - at;
      } else if (blank_escapes.includes(bytes[letter]!)) length = letter + 1 - at;
      else if (bytes[at + 1] === 0x2f) return false;
      else length = 2;
    } else if (byte >= 0x80) {
      length = byte < 0xe0 ? 2 : 3;
      if (!isBlank(bytes.toString("utf8", at, at + length).charCodeAt(0))) return false;
    } else if (byte !== 0x20) return false;
    at += length;
  }
  return false;
}

/** Whether it is one word in brackets, such as `[REDACTED]`. */
function isMark(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end && isLetter(bytes[at]!)) at += 1;
  return at > start && at === end - 1 && bytes[at] === close_bracket;
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function isPassedOver(unit: number): boolean {
  return unit === 0x22 || unit === backslash || isBlank(unit);
}

/** Controls, what JavaScript counts as white space, and marks without a width, such as the byte order mark. */
function isBlank(unit: number): boolean {
  return (
    unit <= 0x20 || (unit >= 0x7f && unit <= 0xa0) || /[\s\p{Cf}]/u.test(String.fromCharCode(unit))
  );
}
