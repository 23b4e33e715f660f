/** What makes fields of a text, by its format. It is loaded where a step parses texts. */
import type { TextFormat, TextParser } from "../../plugin.ts";
import { accessLogParser, combined, s3_access_log } from "./access-log.ts";
import { csvParser } from "./csv.ts";
import { parseKeyValue } from "./key-value.ts";

/** Longer texts are not parsed. */
const text_length_max = 1024 * 1024;

/** A parser of texts of this format, or what is wrong with its pattern. */
export async function textParser(format: TextFormat): Promise<TextParser | string> {
  const parse = await parserOf(format);
  if (typeof parse === "string") return parse;
  return (text) => (text.length > text_length_max ? undefined : parse(text));
}

async function parserOf(given: TextFormat): Promise<TextParser | string> {
  switch (given.format) {
    case "key_value":
      return parseKeyValue;
    case "csv":
      return csvParser(given.columns, given.separator ?? ",");
    case "combined":
      return accessLogParser(combined);
    case "s3_access_log":
      return accessLogParser(s3_access_log);
    case "regex": {
      const { patternParser } = await import("./pattern.ts");
      return patternParser(given.pattern);
    }
    default:
      given satisfies never;
      return "there is no such format of texts";
  }
}
