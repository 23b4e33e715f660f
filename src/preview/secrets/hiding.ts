/**
 * Takes the secrets out of what a preview shows. Each stands there as a short tag, and equal ones as the same tag. A tag is
 * keyed with bytes of this run, so that nobody can look it up.
 *
 * Hidden is what the chain masks in any text, what its masking steps have taken out of the event, what the configuration
 * itself knows as secret, and what looks like a secret by its name.
 */
import { hash } from "node:crypto";
import { resolved } from "../../event/strings/spelled-text.ts";
import { partsOf, removedIn } from "../run/differences.ts";
import type { StepTrace } from "../run/outcome.ts";
import { encodedRuns, type Part } from "./encoded-runs.ts";
import {
  decoded,
  inside,
  isJsonContainer,
  isLikeJson,
  jsonTokens,
  strings_depth_max,
  valueOf,
} from "./json-tokens.ts";
import { addNamed, addRemoved, addShaped, plainTexts } from "./event-secrets.ts";
import { KnownPieces } from "./known-pieces.ts";
import { type Piece, replaced } from "./pieces.ts";
import type { ShapedSecrets } from "./shaped-secrets.ts";
import { looksSecret, mayHoldSecrets, namedValuesIn } from "./secret-names.ts";

/** The beginning of every tag. */
export const tag_start = "‹secret ";
const tag_digits = 6;
/** A shorter secret is only found where it is a whole value: it is a part of many words. */
const within_length_min = 6;
const recent_texts_max = 32;
const short_texts_max = 64;
const plain_texts_max = 256;
const short_length_max = 256;
/** Encoded parts of a text that are looked into. */
const runs_max = 1000;

export interface HidingOptions {
  /** Random bytes of this run. */
  readonly key: Buffer;
  /** Masks what is known as secret, in any text. */
  readonly mask: (text: string) => string;
  /** What is known by its shape. */
  readonly shaped: ShapedSecrets;
  /** Whether nothing is hidden. */
  readonly reveals: boolean;
}

/** Secrets of one event: as they are written in it. */
export type Known = ReadonlySet<string>;

const nothing_known: Known = new Set();

export class Hiding {
  readonly #key: Buffer;
  readonly #mask: (text: string) => string;
  readonly #shaped: ShapedSecrets;
  /** The states of one event are the same texts again and again. */
  #recent = recentOf(nothing_known);
  readonly #short_texts = new Map<string, string>();
  /** Short texts that stay as they are unless something in them is known of the event: metadata are the same in most events. */
  readonly #plain_texts = new Set<string>();
  readonly #tags = new Map<string, string>();
  readonly reveals: boolean;

  constructor({ key, mask, shaped, reveals }: HidingOptions) {
    this.#key = key;
    this.#mask = mask;
    this.#shaped = shaped;
    this.reveals = reveals;
  }

  /** What is shown instead of a secret. */
  tag(secret: string): string {
    const known = this.#tags.get(secret);
    if (known !== undefined) return known;
    // One call of the key and the secret costs a fifth of an HMAC. Of the hash so little is shown that nothing can be added to it.
    const digest = hash("sha256", Buffer.concat([this.#key, Buffer.from(secret)]));
    const tag = `${tag_start}${digest.slice(0, tag_digits)}›`;
    if (this.#tags.size >= short_texts_max) this.#tags.clear();
    if (secret.length <= short_length_max) this.#tags.set(secret, tag);
    return tag;
  }

  /** What the masking steps have taken out of an event, and what looked secret by its name before a step could rename it. */
  knownOf(traces: readonly StepTrace[]): Known {
    const known = new Set<string>();
    for (const { is_masking, before, after } of traces) {
      if (!is_masking || this.reveals) continue;
      addRemoved(partsOf(before.text, after.text), known);
      for (const [name, value] of Object.entries(before.metadata)) {
        if (after.metadata[name] !== value) known.add(String(value));
      }
    }
    if (this.reveals) return known;
    for (const text of new Set(traces.map(({ before }) => before.text))) {
      addNamed(text, known);
      addShaped(text, this.#shaped, known);
    }
    return known;
  }

  /** The text with tags instead of secrets. */
  hide(text: string, known: Known = nothing_known): string {
    if (this.reveals) return text;
    if (this.#recent.known !== known || this.#recent.texts.size > recent_texts_max) {
      this.#recent = recentOf(known, this.#recent);
    }
    const { texts } = this.#recent;
    let hidden = texts.get(text);
    if (hidden === undefined) {
      hidden = this.#isPlain(text, known) ? text : this.#hide(text, known, 0);
      texts.set(text, hidden);
    }
    return hidden;
  }

  /** Whether a short text, which is no JSON, is known to stay as it is. */
  #isPlain(text: string, known: Known): boolean {
    if (text.length > short_length_max || isLikeJson(text)) return false;
    if (!this.#plain_texts.has(text)) {
      const is_plain = resolved(text) === undefined && encodedRuns(text).length === 0;
      if (!is_plain || this.#hide(text, nothing_known, 0) !== text) return false;
      if (this.#plain_texts.size >= plain_texts_max) this.#plain_texts.clear();
      this.#plain_texts.add(text);
    }
    const { pieces } = this.#recent;
    return pieces.in(text).length === 0 && this.#knownIn(text).length === 0 && !known.has(text);
  }

  /** The same for the value of a name, such as an indexed field. */
  hideValue(name: string, value: string, known: Known = nothing_known): string {
    if (this.reveals) return value;
    if (known.has(value) || looksSecret(name, value)) return this.tag(value);
    return this.hide(value, known);
  }

  #hide(text: string, known: Known, depth: number): string {
    const is_json = isJsonContainer(text);
    const pieces = [
      ...this.#masked(text),
      ...(known.size === 0 ? [] : this.#knownIn(text)),
      ...this.#spelledIn(text, is_json),
      ...this.#encodedIn(text, known, depth),
    ];
    if (isLikeJson(text)) {
      pieces.push(...this.#inJson(text, known, depth), ...this.#shapedInJson(text));
    }
    // What only begins like JSON may be anything: a log of another language, or an event that was cut.
    if (!is_json) pieces.push(...this.#inText(text), ...this.#shapedIn(text));
    return replaced(text, pieces);
  }

  /** A mask gives the same for the same text: metadata are the same in most events. */
  #maskedShort(text: string): string {
    if (text.length > short_length_max) return this.#mask(text);
    const masked = this.#short_texts.get(text) ?? this.#mask(text);
    if (this.#short_texts.size >= short_texts_max) this.#short_texts.clear();
    this.#short_texts.set(text, masked);
    return masked;
  }

  #masked(text: string): Piece[] {
    const masked = this.#maskedShort(text);
    if (masked === text) return [];
    return removedIn(partsOf(text, masked)).map((span) => this.#pieceOf(text, span));
  }

  #shapedIn(text: string): Piece[] {
    return this.#shaped.in(text).map((span) => this.#pieceOf(text, span));
  }

  /** A string that is written with escapes goes as a whole. */
  #shapedInJson(text: string): Piece[] {
    const mayHoldIn = this.#shaped.mayHoldIn(text);
    if (mayHoldIn === undefined) return [];
    const pieces: Piece[] = [];
    for (const { start, end, raw } of jsonTokens(text)) {
      if (!raw.startsWith('"') || !mayHoldIn(start, end)) continue;
      const found = this.#shaped.in(decoded(raw));
      if (found.length > 0 && raw.includes("\\")) pieces.push(this.#pieceOf(text, { start, end }));
      else {
        for (const span of found) {
          pieces.push(
            this.#pieceOf(text, { start: start + 1 + span.start, end: start + 1 + span.end }),
          );
        }
      }
    }
    return pieces;
  }

  /** What is known of the event in pieces, and what has the shape of a secret once its escapes are resolved. */
  #spelledIn(text: string, is_json: boolean): Piece[] {
    const { pieces } = this.#recent;
    const spelled = resolved(text);
    if (spelled === undefined) return pieces.in(text).map((span) => this.#pieceOf(text, span));
    // Pieces are known with escapes and without.
    const { text: written, origins } = spelled;
    const spans: Part[] = [...pieces.in(written)];
    if (this.#shaped.mayHold(written)) spans.push(...this.#shaped.in(written));
    if (!is_json) spans.push(...namedValuesIn(written));
    const original = spans.map(({ start, end }) => {
      return { start: origins[start]!, end: origins[end]! };
    });
    return original.map((span) => this.#pieceOf(text, span));
  }

  /** What is encoded goes as a whole, where it holds a secret or where too much else was looked at. */
  #encodedIn(text: string, known: Known, depth: number): Piece[] {
    if (depth >= strings_depth_max) return [];
    const holds = (held: readonly string[]): boolean =>
      held.some((each) => this.#hide(each, known, depth + 1) !== each);
    return encodedRuns(text)
      .filter(({ held }, number) => number >= runs_max || holds(held))
      .map((run) => this.#pieceOf(text, run));
  }

  #inText(text: string): Piece[] {
    return namedValuesIn(text).map((span) => this.#pieceOf(text, span));
  }

  #inJson(text: string, known: Known, depth: number): Piece[] {
    const may_hold = mayHoldSecrets(text);
    if (known.size === 0 && !may_hold) return [];
    const pieces: Piece[] = [];
    for (const { start, end, raw, key, is_key } of jsonTokens(text)) {
      if (known.has(raw)) pieces.push(this.#pieceOf(text, { start, end }));
      else if (is_key || !may_hold) continue;
      else if (key !== undefined && looksSecret(key, valueOf(raw))) {
        pieces.push(this.#pieceOf(text, { start, end }));
      } else if (raw.startsWith('"') && depth < strings_depth_max && mayHoldSecrets(raw)) {
        const held = decoded(raw);
        const hidden = this.#hide(held, known, depth + 1);
        if (hidden !== held) pieces.push({ start, end, shown: JSON.stringify(hidden) });
      }
    }
    return pieces;
  }

  /** What is known of the event that was hidden in last, in whatever spelling it is known. */
  #knownIn(text: string): Piece[] {
    return this.#recent.spellings.flatMap((each) => this.#occurrences(text, each));
  }

  #occurrences(text: string, secret: string): Piece[] {
    const pieces: Piece[] = [];
    if (secret.length < within_length_min) {
      if (text === secret) pieces.push(this.#pieceOf(text, { start: 0, end: text.length }));
      return pieces;
    }
    for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + secret.length)) {
      pieces.push(this.#pieceOf(text, { start: at, end: at + secret.length }));
    }
    return pieces;
  }

  /** A string keeps its quotes. */
  #pieceOf(text: string, { start, end }: { start: number; end: number }): Piece {
    const raw = text.slice(start, end);
    const is_string = raw.length > 1 && raw.startsWith('"') && raw.endsWith('"');
    const tag = this.tag(decoded(raw));
    return { start, end, shown: is_string ? `"${tag}"` : tag };
  }
}

interface Recent {
  readonly known: Known;
  /** What is known as it is written, without its quotes, and decoded. */
  readonly spellings: readonly string[];
  readonly pieces: KnownPieces;
  readonly texts: Map<string, string>;
}

/** What is kept of the event that is shown: made again only where more texts of the same one come than are kept. */
function recentOf(known: Known, last?: Recent): Recent {
  if (last?.known === known) return { ...last, texts: new Map() };
  const spellings = new Set<string>();
  for (const each of known) spellings.add(each).add(inside(each)).add(decoded(each));
  return {
    known,
    spellings: [...spellings],
    pieces: new KnownPieces(plainTexts(known)),
    texts: new Map(),
  };
}
