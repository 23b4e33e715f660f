/** What sealing keeps in the state file, and under which names: with it a crash loses no hash of an event that was delivered. */
import { z } from "zod";

/** Where it is kept. What is set is written in one batch with the checkpoints of that moment. */
export interface Keeper {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  delete(name: string): void;
  all(): Iterable<{ readonly kept: string; readonly value?: unknown }>;
}

const number = z.int().min(0);

/** The chain of seals. */
export const chainState = z.lazy(() =>
  z.object({
    chain: z.string(),
    /** The number of the next seal. */
    next: number,
    /** The hash of the last one's body. */
    prev: z.string(),
    /** The end of the last one. */
    to_ms: z.number(),
    /** The key that signed the last one. */
    key: z.string(),
  }),
);

/** A seal that its journal may not have yet. */
export const writtenSeal = z.lazy(() =>
  z.object({ seal: number, at_ms: z.number(), body: z.string(), sig: z.string() }),
);

/** A lane of which something is not sealed. */
export const laneState = z.lazy(() =>
  z.object({
    id: z.string(),
    epoch: number,
    input: z.string(),
    stream: z.string(),
    source: z.string(),
    output: z.string(),
    index: z.string().optional(),
    /** Every event with a smaller number is sealed. */
    sealed: number,
    committed: number,
    holes: z.array(z.object({ number, reason: z.string() })).optional(),
  }),
);

/** What the next seal has to say of epochs that have ended. */
export const tailsState = z.lazy(() =>
  z.array(z.object({ lane: z.string(), from: number, to: number })),
);

/** A piece as its seal will have it. */
export const pieceState = z.lazy(() =>
  z.object({
    lane: z.string(),
    first: number,
    count: number,
    sum: z.string(),
    leaves: z.string(),
    events: z.string().optional(),
  }),
);

export type ChainState = z.infer<typeof chainState>;
export type WrittenSeal = z.infer<typeof writtenSeal>;
export type LaneState = z.infer<typeof laneState>;
export type PieceState = z.infer<typeof pieceState>;

const prefixes = {
  lane: "proof lane ",
  piece: "proof piece ",
  open: "proof open ",
  seal: "proof seal ",
};
export const chain_name = "proof chain";
export const tails_name = "proof tails";

export const nameOf = {
  lane: (lane: string): string => `${prefixes.lane}${lane}`,
  piece: ({ lane, first, count }: PieceState): string =>
    `${prefixes.piece}${lane} ${first} ${count}`,
  open: (lane: string): string => `${prefixes.open}${lane}`,
  seal: (seal: number): string => `${prefixes.seal}${seal}`,
};

/** All that was kept, as it was written last. */
export interface Kept {
  readonly chain: ChainState | undefined;
  readonly lanes: LaneState[];
  readonly pieces: PieceState[];
  /** Those that were open. */
  readonly open: PieceState[];
  readonly tails: z.infer<typeof tailsState>;
  /** In their order. */
  readonly seals: WrittenSeal[];
}

export function readKept(keeper: Keeper): Kept {
  const tails = tailsState.parse(keeper.get(tails_name) ?? []);
  const chain = chainOf(keeper);
  const kept: Kept = { chain, tails, lanes: [], pieces: [], open: [], seals: [] };
  for (const { kept: name, value } of keeper.all()) {
    if (name.startsWith(prefixes.lane)) kept.lanes.push(laneState.parse(value));
    else if (name.startsWith(prefixes.piece)) kept.pieces.push(pieceState.parse(value));
    else if (name.startsWith(prefixes.open)) kept.open.push(pieceState.parse(value));
    else if (name.startsWith(prefixes.seal)) kept.seals.push(writtenSeal.parse(value));
  }
  kept.pieces.sort((one, other) => one.first - other.first);
  kept.seals.sort((one, other) => one.seal - other.seal);
  return kept;
}

function chainOf(keeper: Keeper): ChainState | undefined {
  const value = keeper.get(chain_name);
  return value === undefined ? undefined : chainState.parse(value);
}
