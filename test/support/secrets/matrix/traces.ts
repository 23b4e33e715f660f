/**
 * Looks for what is left of planted secrets in what a program has written: any piece of eight characters of one, as it is, in
 * escapes, in percent-encoding, in base64, in hexadecimal, and in UTF-16, also in each other.
 */

/** A secret that must not be there. */
export interface Sought {
  readonly secret: string;
  /** What is known of it, for the report. */
  readonly about: string;
}

const piece_length = 8;
/** Digits of ids and times have the same eight now and then. */
const digits_length = 14;
const is_digits = /^[\da-f-]+$/i;
/** Encodings in each other that are resolved. */
const layers_max = 4;

export class Traces {
  readonly #pieces = new Map<string, Sought[]>();
  readonly #bits = new Uint8Array(1 << 21);

  constructor(all: readonly Sought[]) {
    for (const sought of all) {
      const { secret } = sought;
      for (let at = 0; at + piece_length <= secret.length; at += 1) {
        this.#add(secret.slice(at, at + piece_length), sought);
      }
    }
  }

  #add(piece: string, sought: Sought): void {
    const known = this.#pieces.get(piece);
    if (known === undefined) this.#pieces.set(piece, [sought]);
    else known.push(sought);
    const hash = hashOf(Buffer.from(piece, "latin1"), piece_length - 1);
    this.#bits[hash >>> 3]! |= 1 << (hash & 7);
  }

  /** What is left in any of these texts: what is known of each secret, with the text around it. */
  in(texts: readonly (Buffer | string)[]): Map<string, string> {
    const found = new Map<string, string>();
    const parts = texts.flatMap((text) => [Buffer.from(text), Buffer.from("\n")]);
    for (const view of viewsOf(Buffer.concat(parts))) {
      for (let at = piece_length - 1; at < view.length; at += 1) {
        const hash = hashOf(view, at);
        if ((this.#bits[hash >>> 3]! & (1 << (hash & 7))) === 0) continue;
        const start = at - piece_length + 1;
        const left = this.#leftAt(view, start);
        if (left === undefined) continue;
        at = Math.max(at, left.end - 1);
        const from = Math.max(0, left.start - 160);
        if (!found.has(left.about))
          found.set(left.about, view.toString("latin1", from, left.end + 40));
      }
    }
    return found;
  }

  /** The longest piece of a secret around this place. */
  #leftAt(view: Buffer, at: number): { start: number; end: number; about: string } | undefined {
    const piece = view.toString("latin1", at, at + piece_length);
    const lefts = (this.#pieces.get(piece) ?? []).map(({ secret, about }) => {
      const offset = secret.indexOf(piece);
      let [before, behind] = [0, piece_length];
      while (
        offset - before > 0 &&
        view[at - before - 1] === secret.charCodeAt(offset - before - 1)
      )
        before += 1;
      while (view[at + behind] === secret.charCodeAt(offset + behind)) behind += 1;
      return { start: at - before, end: at + behind, about };
    });
    const [longest] = lefts.sort((a, b) => b.end - b.start - (a.end - a.start));
    if (longest === undefined) return undefined;
    const { start, end } = longest;
    const is_chance =
      end - start < digits_length && is_digits.test(view.toString("latin1", start, end));
    return is_chance ? undefined : longest;
  }
}

function hashOf(bytes: Buffer, last: number): number {
  const low = bytes.readInt32LE(last - 3);
  const high = bytes.readInt32LE(last - 7);
  return ((Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> 8) & 0xffffff;
}

/** The bytes, and what they may stand for, layer by layer. */
function viewsOf(bytes: Buffer): Buffer[] {
  const views = [bytes.toString("latin1")];
  for (let layer = 0; layer < layers_max; layer += 1) {
    const last = views.at(-1)!;
    const next = `${unpercented(unescaped(last))}\n${held(last)}`;
    if (next.trimEnd() === last.trimEnd()) break;
    views.push(next);
  }
  return views.map((view) => Buffer.from(view, "latin1"));
}

/** Without escapes, NULs and what is not seen. */
function unescaped(text: string): string {
  return text
    .replaceAll(/\\(?:u00([0-9a-f]{2})|x([0-9a-f]{2})|(["'\\/])|n)|\0/gi, (_, ...found) => {
      const [unit, byte, mark] = found as (string | undefined)[];
      const digits = unit ?? byte;
      if (digits === undefined) return mark ?? "";
      return String.fromCharCode(Number.parseInt(digits, 16)).replace("\0", "");
    })
    .replaceAll("#012", "\n");
}

function unpercented(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/** What runs of base64 and of hexadecimal digits hold, wherever in a run they may begin, as far as it is text. */
function held(text: string): string {
  const parts: string[] = [];
  const add = (bytes: Buffer): void => {
    const decoded = bytes.toString("latin1");
    for (const [part] of decoded.matchAll(/[\t\n\r\x20-\x7e]{8,}/g)) parts.push(part);
  };
  for (const [run] of text.matchAll(/[\w+/-]{12,}/g)) {
    for (let from = 0; from < 4; from += 1) add(Buffer.from(run.slice(from), "base64"));
    if (/^[\da-f]+$/i.test(run)) add(Buffer.from(run, "hex"));
  }
  return parts.join("\n");
}
