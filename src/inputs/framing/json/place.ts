/**
 * Where a JSON framing stands: at which level of a document, and at which line and column of the file or stream.
 */
import type { z } from "zod";
import { type Level, line_feed } from "./bytes.ts";

/** A line, and a column in it that counts bytes; both from 1. */
export class Place {
  line: number;
  column: number;

  constructor(line = 1, column = 1) {
    this.line = line;
    this.column = column;
  }

  /** The place behind these bytes. */
  behind(bytes: Buffer, from: number, to: number): Place {
    const place = new Place(this.line, this.column);
    place.advance(bytes, from, to);
    return place;
  }

  /** Goes over these bytes, and looks at no others. */
  advance(bytes: Buffer, from: number, to: number): void {
    const passed = bytes.subarray(from, to);
    let line_start = 0;
    for (let at = passed.indexOf(line_feed); at >= 0; at = passed.indexOf(line_feed, line_start)) {
      this.line += 1;
      this.column = 1;
      line_start = at + 1;
    }
    this.column += passed.length - line_start;
  }

  /** For people. */
  get text(): string {
    return `line ${this.line}, column ${this.column}`;
  }
}

/** As it is written to the state file. */
type State = z.core.util.JSONType | undefined;

/** What is remembered between two calls. */
export interface Standing {
  readonly level: Level;
  readonly place: Place;
}

const levels: readonly unknown[] = ["documents", "array", "after", "lost"];

export function stateOf({ level, place }: Standing): State {
  return { level, line: place.line, column: place.column };
}

/**
 * Reads what `stateOf` has made. It may come from another version or a damaged disk: where it does
 * not say where the bytes stand, they are lost, and what follows is no record before a document surely begins.
 */
export function standingOf(state: State): Standing {
  if (state === undefined) return { level: "documents", place: new Place() };
  const { level, line, column } = asObject(state);
  const place = new Place(countOf(line), countOf(column));
  const is_whole = place.line === line && place.column === column && levels.includes(level);
  return { level: is_whole ? (level as Level) : "lost", place };
}

function asObject(state: State): Readonly<Record<string, unknown>> {
  return typeof state === "object" && state !== null && !Array.isArray(state) ? state : {};
}

function countOf(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 1;
}
