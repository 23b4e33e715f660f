/** A line of separated values. */
import { type Fields, named } from "./fields.ts";

/** One line of separated values with these names. */
export function csvParser(
  columns: readonly string[],
  separator: string,
): (text: string) => Fields | undefined {
  return (text) => {
    const values = csvValues(text, separator, columns.length);
    return values?.length === columns.length ? named(columns, values) : undefined;
  };
}

/** The values of one line, as RFC 4180 has them; undefined where it is none, or has more than `values_max`. */
export function csvValues(
  text: string,
  separator: string,
  values_max: number,
): string[] | undefined {
  const values: string[] = [];
  let at = 0;
  while (values.length < values_max) {
    let value = "";
    if (text[at] === '"') {
      let end = text.indexOf('"', at + 1);
      while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
      if (end < 0) return undefined;
      value = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      const end = text.indexOf(separator, at);
      value = text.slice(at, end < 0 ? text.length : end);
      at += value.length;
    }
    values.push(value);
    if (at === text.length) return values;
    if (text[at] !== separator) return undefined;
    at += 1;
  }
  return undefined;
}
