/**
 * The `time` of an envelope: epoch seconds as a number or as text, whose digits are kept as they are.
 */
import type { TimestampReader } from "../../../event/time/timestamp-reader.ts";

/** As Java writes doubles: `1.426279439123E9`. */
const exponent_pattern = /^(\d)(?:\.(\d{1,20}))?[eE]\+?(\d{1,2})$/;

/** The time in digits, as LogEvent takes it, that `bytes[start, end)` holds without quotes; null for none. */
export function readEnvelopeTime(
  reader: TimestampReader,
  bytes: Buffer,
  start: number,
  end: number,
): string | null {
  if (reader.read(bytes, start, end)) return reader.text;
  const match = exponent_pattern.exec(bytes.toString("latin1", start, end));
  if (match === null) return null;
  const [, lead = "", fraction = "", exponent = ""] = match;
  const point = Number(exponent);
  const digits = fraction.padEnd(point, "0");
  const rest = digits.slice(point);
  const moved = Buffer.from(`${lead}${digits.slice(0, point)}${rest === "" ? "" : `.${rest}`}`);
  return reader.read(moved, 0, moved.length) ? reader.text : null;
}
