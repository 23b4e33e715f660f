/**
 * The structured data of a syslog message (RFC 5424, section 6.3), as text.
 *
 *     [exampleSDID@32473 iut="3" eventSource="Application"][priority@32473 class="high"]
 */

export interface StructuredData {
  /** Index after it. */
  readonly end: number;
  readonly params: readonly Param[];
}

export interface Param {
  readonly element: string;
  readonly name: string;
  /** As it is written, escapes in it. */
  readonly written: string;
}

/** More are more than anybody sends, and each is a field. */
const params_max = 64;

const name = String.raw`[^ ="[\]\\]{1,128}`;
const element = new RegExp(String.raw`\[(${name})`, "y");
const param = new RegExp(String.raw` +(${name})="((?:[^"\\\]]|\\.)*)"`, "y");
const end_of_element = / *\]/y;

/** The structured data at `at`, which may be `-` for none; undefined where it is none, or has too many parameters. */
export function structuredDataAt(text: string, at: number): StructuredData | undefined {
  const params: Param[] = [];
  if (text[at] === "-") return { end: at + 1, params };
  let end = at;
  while (text[end] === "[") {
    const id = matchAt(element, text, end);
    if (id === undefined) return undefined;
    end += id[0].length;
    for (let each = matchAt(param, text, end); each; each = matchAt(param, text, end)) {
      params.push({ element: id[1]!, name: each[1]!, written: each[2]! });
      if (params.length > params_max) return undefined;
      end += each[0].length;
    }
    const closed = matchAt(end_of_element, text, end);
    if (closed === undefined) return undefined;
    end += closed[0].length;
  }
  return end === at ? undefined : { end, params };
}

/** The value without the escapes of `"`, `\` and `]`. */
export function valueOf({ written }: Param): string {
  return written.includes("\\") ? written.replace(/\\(["\\\]])/g, "$1") : written;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
