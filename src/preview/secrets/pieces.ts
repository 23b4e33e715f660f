/** Parts of a text with something else shown instead of them. */

/** A piece of a text and what is shown instead. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly shown: string;
}

/** The text with the pieces put in; of those that overlap, the one that begins first and is longest covers them all. */
export function replaced(text: string, pieces: readonly Piece[]): string {
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
