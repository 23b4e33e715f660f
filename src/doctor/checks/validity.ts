/**
 * How long a certificate is still valid.
 */

const soon_ms = 30 * 24 * 3_600_000;

/** Whether a certificate that is valid until then has expired, or will within 30 days. */
export function expiryOf(valid_to: Date, now_ms: number): "past" | "soon" | "later" {
  const left_ms = valid_to.getTime() - now_ms;
  if (left_ms < 0) return "past";
  return left_ms < soon_ms ? "soon" : "later";
}

/** The day as `2025-03-21`; a certificate may have anything instead of a date. */
export function dayOf(date: Date): string {
  if (Number.isNaN(date.getTime())) return "(no date)";
  return date.toISOString().slice(0, 10);
}
