/**
 * The two streams of a container in one log: which of them is in the middle of a record, and what of each was given out.
 *
 *     A stdout P   B stderr F   C stderr P   D stdout F   E stderr F
 *
 * Records are A+D, B and C+E, in the order of their ends: B, A+D, C+E. With no more than A to C there, B is given out, and
 * reading goes on at A the next time: the state says up to where lines of stderr were given out.
 */
import { z } from "zod";
import type { RecordHeader } from "../../../event/block.ts";
import type { FramingState } from "../contract/framer.ts";
import type { Part, Slice, StreamName } from "./line-format.ts";

/** How many bytes of other lines may stand between the first and the last line of a record. */
export const beside_bytes_max = 4 * 1024 * 1024;

const place = z.number().int().positive();
const rest = z.literal(true);
const containerState = z.strictObject({
  /** By stream: how far from here its lines were given out. */
  given: z
    .strictObject({ stdout: place.optional(), stderr: place.optional(), refused: place.optional() })
    .optional(),
  /** How far from here a line of another form may be a part of a record that was given out. */
  torn: place.optional(),
  /** By stream: that a record is going on whose beginning was given out, or is in another file. */
  rest: z.strictObject({ stdout: rest.optional(), stderr: rest.optional() }).optional(),
});

/** Whether it is a state of these framings. */
export function isContainerState(value: unknown): boolean {
  return containerState.safeParse(value).success;
}

/** The state in which either stream may be in the middle of a record. */
export const lost: FramingState = { rest: { stdout: true, stderr: true } };

/** A record whose end has not come. */
export interface Group {
  /** Where it begins. */
  readonly at: number;
  /** As its first line has it. */
  readonly header: RecordHeader;
  readonly parts: Slice[];
  /** Bytes of lines of others since it began. */
  beside_bytes: number;
}

/** One stream. */
export class ContainerStream {
  /** Where its lines begin that were not given out. */
  given: number;
  /** Whether what comes next is the rest of a record whose beginning is elsewhere. */
  is_in_rest: boolean;
  group: Group | undefined = undefined;

  constructor(given: number, is_in_rest: boolean) {
    this.given = given;
    this.is_in_rest = is_in_rest;
  }

  /** Notes one more line of its record, or the first one. The caller keeps the content. */
  add(at: number, { header }: Part): Group {
    return (this.group ??= { at, header, parts: [], beside_bytes: 0 });
  }

  /** Ends the record; `is_whole` where its end has come. */
  end(is_whole: boolean): void {
    this.group = undefined;
    this.is_in_rest = !is_whole;
  }

  /** Whether it is in the middle of a record. */
  get is_open(): boolean {
    return this.is_in_rest || this.group !== undefined;
  }
}

export class ContainerStreams {
  readonly stdout: ContainerStream;
  readonly stderr: ContainerStream;
  /** Up to where lines that are none of these were given out. */
  refused_given: number;

  /** Where lines that are none of these are no part of a record any more, unless one is open there. */
  torn_to: number;

  /** As the state says of what begins at `from`. */
  constructor(state: FramingState, from: number) {
    const { given, torn = 0, rest: going_on } = (state ?? {}) as z.infer<typeof containerState>;
    this.stdout = new ContainerStream(from + (given?.stdout ?? 0), going_on?.stdout === true);
    this.stderr = new ContainerStream(from + (given?.stderr ?? 0), going_on?.stderr === true);
    this.refused_given = from + (given?.refused ?? 0);
    this.torn_to = from + torn;
  }

  get is_clear(): boolean {
    return this.stdout.group === undefined && this.stderr.group === undefined;
  }

  /** Whether a line at `at` that cannot be read may be a part of a record. */
  mayBeTorn(at: number): boolean {
    return at < this.torn_to || this.stdout.is_open || this.stderr.is_open;
  }

  /** Says that what follows may be the rest of a record of either stream, since a line has no end and cannot be read. */
  lose(): void {
    for (const stream of [this.stdout, this.stderr])
      stream.is_in_rest ||= stream.group === undefined;
  }

  /** Those with a record that has no end yet, the oldest first. */
  get open(): ContainerStream[] {
    const { stdout, stderr } = this;
    if (stdout.group === undefined) return stderr.group === undefined ? [] : [stderr];
    if (stderr.group === undefined) return [stdout];
    return stdout.group.at < stderr.group.at ? [stdout, stderr] : [stderr, stdout];
  }

  /** Counts a line of `bytes` with all records that it is no part of, and says which have waited too long for their end. */
  overdue(own: ContainerStream | undefined, bytes: number): ContainerStream[] {
    const overdue: ContainerStream[] = [];
    for (const stream of this.open) {
      if (stream === own) continue;
      stream.group!.beside_bytes += bytes;
      if (stream.group!.beside_bytes > beside_bytes_max) overdue.push(stream);
    }
    return overdue;
  }

  /** Where reading goes on, if it has come to `at`. */
  endAt(at: number): number {
    return this.open[0]?.group!.at ?? at;
  }

  /** For what begins at `end`. */
  stateAt(end: number): FramingState {
    const given = {
      ...after("stdout", this.stdout.given - end),
      ...after("stderr", this.stderr.given - end),
      ...after("refused", this.refused_given - end),
    };
    const torn = this.torn_to - end;
    return stateOf(given, torn, restsOf(this.stdout.is_in_rest, this.stderr.is_in_rest));
  }

  /** For lines that were put aside, so many bytes of which may be parts of a record if they are of another form. */
  stateAside(torn: number): FramingState {
    return stateOf({}, torn, restsOf(this.stdout.is_in_rest, this.stderr.is_in_rest));
  }

  /** For a file that takes the place of this one, if nothing more comes. */
  get left(): FramingState {
    return this.leftWith(undefined);
  }

  /** As `left`, if this stream is in the middle of a line. */
  leftWith(stream: StreamName | undefined): FramingState {
    const stdout = this.stdout.is_open || stream === "stdout";
    const stderr = this.stderr.is_open || stream === "stderr";
    return stdout || stderr ? stateOf({}, 0, restsOf(stdout, stderr)) : undefined;
  }
}

/** Of a state, what still holds where another file begins. */
export function restOf(state: FramingState): FramingState {
  return new ContainerStreams(state, 0).left;
}

function after(stream: StreamName | "refused", bytes: number): Record<string, number> {
  return bytes > 0 ? { [stream]: bytes } : {};
}

function restsOf(stdout: boolean, stderr: boolean): Record<string, true> {
  return { ...(stdout && { stdout }), ...(stderr && { stderr }) };
}

function stateOf(
  given: Record<string, number>,
  torn: number,
  going_on: Record<string, true>,
): FramingState {
  const state = {
    ...(Object.keys(given).length > 0 && { given }),
    ...(torn > 0 && { torn }),
    ...(Object.keys(going_on).length > 0 && { rest: going_on }),
  };
  return Object.keys(state).length === 0 ? undefined : state;
}
