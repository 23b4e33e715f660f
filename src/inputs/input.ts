/**
 * The contracts of inputs, and of what they deliver to: one for what can be read again, one for what cannot.
 */
import type {
  Aside,
  Block,
  OriginOptions,
  PackedBlock,
  PackedBody,
  Records,
  UnpackReason,
} from "../event/block.ts";

/** How an input is, at one moment. An input may say more of itself than this, in a type of its own. */
export interface InputCondition {
  readonly type: "file" | "socket" | "hec" | "stdin" | "nats";
  /** Where it listens, or reads from, for people. */
  readonly listens_on?: string;
  /** What comes in over a socket. */
  readonly socket_mode?: "stream" | "datagram";
  /** Path of the UNIX socket that senders on this machine connect to. */
  readonly socket_path?: string | undefined;
  /** Open connections. */
  readonly connections?: number;
  /** Of one that reads agents' batches. */
  readonly batches?: BatchCounts;
}

/** Batches of agents since the start, but for those that are open. */
export interface BatchCounts {
  /** Not acknowledged yet. */
  readonly open: number;
  readonly taken: number;
  /** Of those taken: some or all of it had come before. */
  readonly repeated: number;
  readonly refused: number;
  /** Given back for a while, as their index is refused. */
  readonly put_off: number;
  /** Names that two agents have, with their hosts, as seen of late. */
  readonly shared: readonly { readonly agent: string; readonly hosts: readonly string[] }[];
  /** Posted as they came. */
  readonly whole: number;
  /** Those whose events were looked at, by the reason. */
  readonly unpacked: Readonly<Record<string, number>>;
}

/** Where an input delivers its blocks: the agent's pipeline. */
export interface Intake {
  /**
   * Takes one block through the chain to the outputs, before it returns. Where a promise is returned, the
   * input waits for it before it reads on: that is all there is to backpressure. Never rejects.
   */
  accept(block: Block, aside?: Aside): Promise<void> | undefined;
  /**
   * Whether what goes to the index is refused where the blocks end, as far as it is known: more of it would only wait there.
   */
  refuses?(index: string | undefined): boolean;
  /** Whether events may go to another index than they come with. */
  readonly may_set_indexes?: boolean;
  /**
   * Undefined while it would take a block of the input at once; else a promise for when to ask again. Never rejects.
   * An input asks before its first block, since much may be in progress of what was read in its place before it.
   */
  room(input: string, aside?: Aside): Promise<void> | undefined;
  /** Says that the input has nothing to read just now. */
  idle(): void;
  /** Why a body has to be unpacked; undefined where it may be posted as it is. It holds until the next turn of the event loop. */
  whyUnpacked?(body: PackedBody): UnpackReason | undefined;
  /** Takes a block as it is, for which `whyUnpacked` has just said nothing. Waits as `accept` does. */
  pass?(block: PackedBlock): Promise<void> | undefined;
}

export interface Input {
  readonly name: string;
  /** Opens what it reads from and begins to deliver. Throws a TallymanError for what the user can fix. */
  start(intake: Intake): Promise<void>;
  /** From now on its events carry this metadata and are read with these time paths, wherever they come from. */
  describe(origin: OriginOptions): void;
  /** Stops reading promptly and closes everything. After it nothing is delivered. */
  stop(): Promise<void>;
  status(): InputCondition;
}

/**
 * What became of a delivery. `accepted`: it is kept, in the journal as its `sync` says or as the chain or
 * `when_full` decided, and whoever waits may be answered so. `full`: nothing of it is kept, as the journal is full.
 * `unavailable`: nothing of it is kept, as the journal cannot be written now or tallyman is stopping.
 */
export type Acceptance = "accepted" | "full" | "unavailable";

/** Events that were accepted, and are not kept: dropped by a step, or for want of room. */
export interface DropCount {
  dropped: number;
}

/** Where an input delivers what cannot be read again: the agent's pipeline into the input's journal. */
export interface JournaledIntake {
  /**
   * Takes all of the records, or none. They are run through the chain before it returns, so their buffer may be
   * used again then, although the promise, that never rejects, comes later. Deliveries are kept in the order of the
   * calls. A record of which a verdict is known already ends with that, and does not go through the chain.
   * What of it is dropped is counted in `drops`.
   */
  accept(records: Records, drops?: DropCount): Promise<Acceptance>;
  /** Puts what never was a readable event into quarantine, under `reason`: all or nothing, as `accept` does. */
  quarantine(records: Records, reason: string, detail?: string): Promise<Acceptance>;
  /** Undefined while a delivery would likely be accepted; else a promise for when it would. Never rejects. */
  room(): Promise<void> | undefined;
}

/** An input whose events exist once: a socket, standard input, an HTTP receiver. */
export interface JournaledInput {
  readonly name: string;
  /** Opens what it receives from and begins to deliver. Throws a TallymanError for what the user can fix. */
  start(intake: JournaledIntake): Promise<void>;
  /** From now on what it delivers carries this metadata and is read with these time paths. */
  describe(origin: OriginOptions): void;
  /** Takes nothing new, finishes or refuses what is in progress, and closes everything. */
  stop(): Promise<void>;
  status(): InputCondition;
  /** Resolves when the input has come to its end by itself, as standard input does; never for others. */
  readonly ended?: Promise<void>;
}
