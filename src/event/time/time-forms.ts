/**
 * The forms in which logs write times that are read without being asked for, beside those that the fast reader knows.
 *
 *     2025-07-14 08:00       2025/07/14 08:00:00     20250714T080000Z          20250714080000
 *     14/Jul/2025:08:00:00 +0000                     14-Jul-2025 08:00:00.123
 *     Mon, 14 Jul 2025 08:00:00 GMT                  Jul 14 08:00:00           Jul 14 2025 08:00:00
 *     Mon Jul 14 08:00:00 2025                       Mon Jul 14 08:00:00 UTC 2025
 *     1.7524800e9
 */
import type { CivilTime, EpochTime } from "./civil-time.ts";
import { parts, timeOf } from "./time-fields.ts";

const { year, month, month_name, day, hour, minute, second, fraction, zone } = parts;
const clock = `${hour}:${minute}:${second}(?:[.,]${fraction})?`;
const day_name = "(?:[A-Z][a-z]{2},? +)?";

/** Without the ends of the text around them: some are looked for within a line. */
export const form_sources = [
  `${year}(?<dash>[-/])${month}\\k<dash>${day}[Tt ]${hour}:${minute}(?::${second}(?:[.,]${fraction})?)?(?: ?${zone})?`,
  `${year}${month}(?<day>\\d{2})[Tt ]?${hour}${minute}${second}(?:[.,]${fraction})?(?: ?${zone})?`,
  `\\[?${day}[/-]${month_name}[/-]${year}[: ]${clock}(?: ?${zone})?\\]?`,
  `${day_name}${day} ${month_name} ${year} ${clock}(?: ?${zone})?`,
  `${day_name}${month_name} +${day}(?:,? ${year})? ${clock}(?: ${zone})?(?: (?<year_after>\\d{4}))?`,
];

const forms = form_sources.map((source) => new RegExp(`^${source}$`));

/** As Java and PHP write large numbers. */
const exponent = /^(?<lead>\d)(?:\.(?<digits>\d{1,20}))?[eE]\+?(?<exponent>\d{1,2})$/;

/** Reads times in any of the forms. A log has one: that which fitted last is tried first. */
export class TimeForms {
  #last = forms[0]!;

  /** What the text says, if it is a time. */
  read(text: string): CivilTime | EpochTime | undefined {
    const known = this.#last.exec(text)?.groups;
    if (known !== undefined) return timeOf(known);
    for (const form of forms) {
      const groups = form === this.#last ? undefined : form.exec(text)?.groups;
      if (groups === undefined) continue;
      this.#last = form;
      return timeOf(groups);
    }
    return undefined;
  }
}

/** The number without its exponent, as digits; undefined for what is no number with one. */
export function withoutExponent(text: string): string | undefined {
  const groups = exponent.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const point = Number(groups["exponent"]);
  const digits = (groups["digits"] ?? "").padEnd(point, "0");
  const rest = digits.slice(point);
  return `${groups["lead"]}${digits.slice(0, point)}${rest === "" ? "" : `.${rest}`}`;
}
