/**
 * Text of another encoding in UTF-16: UTF-8 that was appended to it, or UTF-16 that begins at the wrong byte. It looks like
 * Chinese, but whoever turns it back has the text, with its secrets. So it is replaced.
 *
 * It is recognised by a run of units of which both bytes are ASCII text, or one is and the other is NUL on the wrong side, whose
 * bytes vary as those of words do, with several of the characters that stand between words. No script has such runs.
 */

/** Units in a row; with fewer it may be chance. Those with a line end or tab continue a run, but do not count. */
const units_min = 10;
const distinct_bytes_min = 8;
/** Of the bytes; one of them is the first of its unit, which few scripts have. */
const separators_min = 3;
const separators = new Set(Buffer.from(' ":=,'));

const replacement = Buffer.from("\ufffd");
/** All of these units have three bytes in UTF-8, as the replacement has. */
const unit_bytes = 3;

/** Replaces such text in `bytes[start, end)`, which was decoded from UTF-16. Says whether there was any. */
export function replaceOther(bytes: Buffer, start: number, end: number): boolean {
  let found = false;
  for (let at = start; at < end;) {
    const run_end = endOfRun(bytes, at, end);
    if (run_end - at >= units_min * unit_bytes && isWriting(bytes, at, run_end)) {
      bytes.fill(replacement, at, run_end);
      found = true;
    }
    at = Math.max(run_end, at + 1);
  }
  return found;
}

/** Where a run that begins at `at` ends; `at` where there is none. */
function endOfRun(bytes: Buffer, at: number, end: number): number {
  let run_end = at;
  while (run_end + unit_bytes <= end && isSuspicious(unitAt(bytes, run_end))) run_end += unit_bytes;
  return run_end;
}

/** The unit whose three bytes these are; 0 where they are not. */
function unitAt(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  if ((first & 0xf0) !== 0xe0) return 0;
  return ((first & 0x0f) << 12) | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f);
}

function isSuspicious(unit: number): boolean {
  const low_byte = unit & 0xff;
  return isTextOrGap(unit >> 8) && (low_byte === 0 || isTextOrGap(low_byte));
}

/** Whether the bytes of a run are those of text, and not of a script that has such units by chance. */
function isWriting(bytes: Buffer, start: number, end: number): boolean {
  const seen = new Set<number>();
  const count = { units: 0, firsts: 0, separators: 0 };
  for (let at = start; at < end; at += unit_bytes) {
    const unit = unitAt(bytes, at);
    const [high_byte, low_byte] = [unit >> 8, unit & 0xff];
    if (!isText(high_byte) || (low_byte !== 0 && !isText(low_byte))) continue;
    count.units += 1;
    seen.add(high_byte).add(low_byte);
    if (separators.has(high_byte)) count.firsts += 1;
    if (separators.has(low_byte)) count.separators += 1;
  }
  const { units, firsts } = count;
  const is_varied = units >= units_min && seen.size >= distinct_bytes_min;
  return is_varied && firsts > 0 && firsts + count.separators >= separators_min;
}

function isText(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e;
}

function isTextOrGap(byte: number): boolean {
  return isText(byte) || byte === 9 || byte === 10 || byte === 13;
}
