/**
 * Takes the secrets out of what a preview shows. Each stands there as a short tag, and equal ones as the same tag. A tag is
 * keyed with bytes of this run, so that nobody can look it up.
 *
 * Hidden is what the chain masks in any text, what its masking steps have taken out of the event, what the configuration
 * itself knows as secret, and what looks like a secret by its name.
 */
import { createHmac } from "node:crypto";
import { resolved } from "../../event/strings/spelled-text.ts";
import { partsOf, removedIn } from "../run/differences.ts";
import type { StepTrace } from "../run/outcome.ts";
import { encodedRuns, type Part } from "./encoded-runs.ts";
import { decoded, isJsonContainer, isLikeJson, jsonTokens } from "./json-tokens.ts";
import { addRemoved, addShaped, plainTexts } from "./event-secrets.ts";
import { KnownPieces } from "./known-pieces.ts";
import type { ShapedSecrets } from "./shaped-secrets.ts";
import { looksSecret, mayHoldSecrets, namedValuesIn } from "./secret-names.ts";

/** The beginning of every tag. */
export const tag_start = "‹secret ";
const tag_digits = 6;
/** A shorter secret is only found where it is a whole value: it is a part of many words. */
const within_length_min = 6;
/** JSON in strings is looked into so deep. */
const depth_max = 3;
const recent_texts_max = 32;
const short_texts_max = 64;
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

/** A piece of a text and what is shown instead. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly shown: string;
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
    const digest = createHmac("sha256", this.#key).update(secret).digest("hex");
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
      addNamed(text, known, 0);
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
    const hidden = texts.get(text) ?? this.#hide(text, known, 0);
    texts.set(text, hidden);
    return hidden;
  }

  /** The same for the value of a name, such as an indexed field. */
  hideValue(name: string, value: string, known: Known = nothing_known): string {
    if (this.reveals) return value;
    if (known.has(value) || looksSecret(name, value)) return this.tag(value);
    return this.hide(value, known);
  }

  #hide(text: string, known: Known, depth: number): string {
    const pieces = [
      ...this.#masked(text),
      ...this.#knownIn(text, known),
      ...this.#spelledIn(text),
      ...this.#encodedIn(text, known, depth),
    ];
    if (isLikeJson(text)) {
      pieces.push(...this.#inJson(text, known, depth), ...this.#shapedInJson(text));
    }
    // What only begins like JSON may be anything: a log of another language, or an event that was cut.
    if (!isJsonContainer(text)) pieces.push(...this.#inText(text), ...this.#shapedIn(text));
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
    if (!this.#shaped.mayHold(text)) return [];
    const pieces: Piece[] = [];
    for (const { start, end, raw } of jsonTokens(text)) {
      if (!raw.startsWith('"')) continue;
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
  #spelledIn(text: string): Piece[] {
    const { pieces } = this.#recent;
    const spelled = resolved(text);
    if (spelled === undefined) return pieces.in(text).map((span) => this.#pieceOf(text, span));
    // Pieces are known with escapes and without.
    const { text: written, origins } = spelled;
    const spans: Part[] = [...pieces.in(written)];
    if (this.#shaped.mayHold(written)) spans.push(...this.#shaped.in(written));
    if (!isJsonContainer(text)) spans.push(...namedValuesIn(written));
    const original = spans.map(({ start, end }) => {
      return { start: origins[start]!, end: origins[end]! };
    });
    return original.map((span) => this.#pieceOf(text, span));
  }

  /** What is encoded goes as a whole, where it holds a secret or where too much else was looked at. */
  #encodedIn(text: string, known: Known, depth: number): Piece[] {
    if (depth >= depth_max) return [];
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
    if (known.size === 0 && !mayHoldSecrets(text)) return [];
    const pieces: Piece[] = [];
    for (const { start, end, raw, key, is_key } of jsonTokens(text)) {
      if (known.has(raw)) pieces.push(this.#pieceOf(text, { start, end }));
      else if (is_key) continue;
      else if (key !== undefined && looksSecret(key, valueOf(raw))) {
        pieces.push(this.#pieceOf(text, { start, end }));
      } else if (raw.startsWith('"') && depth < depth_max && mayHoldSecrets(raw)) {
        const held = decoded(raw);
        const hidden = this.#hide(held, known, depth + 1);
        if (hidden !== held) pieces.push({ start, end, shown: JSON.stringify(hidden) });
      }
    }
    return pieces;
  }

  #knownIn(text: string, known: Known): Piece[] {
    return [...known].flatMap((secret) => {
      const spellings = new Set([secret, inside(secret), decoded(secret)]);
      return [...spellings].flatMap((each) => this.#occurrences(text, each));
    });
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
  readonly pieces: KnownPieces;
  readonly texts: Map<string, string>;
}

/** What is kept of the event that is shown: made again only where more texts of the same one come than are kept. */
function recentOf(known: Known, last?: Recent): Recent {
  const pieces = last?.known === known ? last.pieces : new KnownPieces(plainTexts(known));
  return { known, pieces, texts: new Map() };
}

/** A number as one, so that it is judged as such. */
function valueOf(raw: string): unknown {
  if (raw.startsWith('"')) return decoded(raw);
  return /^-?\d/.test(raw) ? Number(raw) : undefined;
}

/** Adds what looks secret by its name, as it is written. */
function addNamed(text: string, known: Set<string>, depth: number): void {
  if (!mayHoldSecrets(text)) return;
  if (!isLikeJson(text)) {
    for (const { value } of namedValuesIn(text)) known.add(value);
    return;
  }
  for (const { raw, key, is_key } of jsonTokens(text)) {
    if (is_key) continue;
    if (key !== undefined && looksSecret(key, valueOf(raw))) known.add(raw);
    else if (raw.startsWith('"') && depth < depth_max) addNamed(decoded(raw), known, depth + 1);
  }
}

/** The string without its quotes, as it is written. */
function inside(raw: string): string {
  return raw.length > 1 && raw.startsWith('"') && raw.endsWith('"') ? raw.slice(1, -1) : raw;
}

/** The text with the pieces put in; of those that overlap, the one that begins first and is longest covers them all. */
function replaced(text: string, pieces: readonly Piece[]): string {
  if (pieces.length === 0) return text;
  const sorted = pieces.toSorted((a, b) => a.start - b.start || b.end - a.end);
  let shown = "";
  let at = 0;
  for (const piece of sorted) {
    if (piece.end <= at) continue;
    if (piece.start >= at) shown += text.slice(at, piece.start) + piece.shown;
    at = piece.end;
  }
  return shown + text.slice(at);
}
