/**
 * Private keys over several lines, of which each line is an event by itself: no rule can know the lines between the first and the
 * last one for parts of a key. A framing that keeps the lines of an event together makes one event of them.
 */

/** How the first lines of events begin in logs that have others behind them, as RE2 and JavaScript both read it. */
const starts = [
  String.raw`^\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d`,
  String.raw`^<\d{1,3}>`,
  String.raw`^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d `,
  String.raw`^\[?\d\d/[A-Z][a-z]{2}/\d{4}[: ]\d\d:\d\d`,
  String.raw`^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d`,
  String.raw`^\[\w{3} \w{3} [ \d]\d \d\d:\d\d`,
].map((source) => ({ source, pattern: new RegExp(source) }));

const key_begin = /-{4,5} ?BEGIN [A-Z0-9 ]{0,64}PRIVATE KEY/;
const key_end = /-{4,5} ?END [A-Z0-9 ]{0,64}PRIVATE KEY/;
/** A line of a key; headers of an encrypted one may stand before. What the key stands in may end behind the last line: `')`. */
const key_line = /^[ \t]*(?:[A-Za-z0-9+/]{16,}={0,2}[ \t\r]*$|[A-Za-z0-9+/]{40,}={0,2}[^\w+/=])/;
/** A key has no more lines. */
const key_lines_max = 1000;
const share_min = 0.5;

export class SplitKeys {
  #keys = 0;
  /** Events outside of keys, and for each start how many of those begin so. */
  #events = 0;
  readonly #matches = starts.map(() => 0);
  /** Starts that the first lines of all split keys have. */
  readonly #possible = new Set(starts.keys());
  #first: string | undefined;
  #lines = 0;
  #is_split = false;

  /** Keys of which lines are events. */
  get count(): number {
    return this.#keys;
  }

  /** The pattern with which events begin, for the framing `multiline`; undefined where none fits. */
  get start(): string | undefined {
    const [best] = [...this.#possible].toSorted((a, b) => this.#matches[b]! - this.#matches[a]!);
    if (best === undefined || this.#matches[best]! < this.#events * share_min) return undefined;
    return starts[best]!.source;
  }

  /** Looks at an event that is not JSON. They come in their order. */
  add(text: string): void {
    if (this.#first !== undefined && this.#isOfKey(text)) return;
    this.#first = key_begin.test(text) && !key_end.test(text) ? text : undefined;
    this.#lines = 0;
    this.#is_split = false;
    this.#events += 1;
    for (const [number, { pattern }] of starts.entries()) {
      if (pattern.test(text)) this.#matches[number]! += 1;
    }
  }

  /** Whether it goes on with the key that is open. */
  #isOfKey(text: string): boolean {
    this.#lines += 1;
    if (this.#lines > key_lines_max || key_begin.test(text)) return false;
    if (starts.some(({ pattern }) => pattern.test(text))) return false;
    if (!this.#is_split && key_line.test(text)) this.#note(this.#first!);
    if (key_end.test(text)) this.#first = undefined;
    return true;
  }

  #note(first: string): void {
    this.#is_split = true;
    this.#keys += 1;
    for (const number of this.#possible) {
      if (!starts[number]!.pattern.test(first)) this.#possible.delete(number);
    }
  }
}
