/**
 * Which format of the step `parse` the texts of a log are in.
 */
import { textParser } from "../../chain/parsing/text-parser.ts";
import type { TextFormat, TextParser } from "../../plugin.ts";

/** Texts that are tried. */
const texts_max = 200;
const share_min = 0.8;
/** Text is likely `name=value` only with so many of those, */
const pairs_min = 3;
/** and where it begins with one: pairs somewhere in a text may be those of one credential, which `parse` would take apart. */
const begins_with_pair = /^\s*[\w.-]+=/;

const formats = [
  "combined",
  "s3_access_log",
  "key_value",
] as const satisfies readonly TextFormat["format"][];

export class TextFormats {
  readonly #parsers: readonly { format: string; parse: TextParser; matches: number }[];
  #tried = 0;

  private constructor(parsers: readonly { format: string; parse: TextParser }[]) {
    this.#parsers = parsers.map((each) => ({ ...each, matches: 0 }));
  }

  static async create(): Promise<TextFormats> {
    const parsers: { format: string; parse: TextParser }[] = [];
    for (const format of formats) {
      const parse = await textParser({ format });
      if (typeof parse !== "string") parsers.push({ format, parse });
    }
    return new TextFormats(parsers);
  }

  add(text: string): void {
    if (this.#tried >= texts_max) return;
    this.#tried += 1;
    for (const each of this.#parsers) {
      if (each.format === "key_value" && !begins_with_pair.test(text)) continue;
      const fields = each.parse(text);
      const count = fields === undefined ? 0 : Object.keys(fields).length;
      if (count >= pairs_min) each.matches += 1;
    }
  }

  /** The format of most texts; undefined where there is none. */
  get format(): string | undefined {
    const [best] = this.#parsers.toSorted((a, b) => b.matches - a.matches);
    const is_enough = this.#tried > 0 && best!.matches >= this.#tried * share_min;
    return is_enough ? best!.format : undefined;
  }
}
