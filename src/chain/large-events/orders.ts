/** What a chain and the thread that redacts its large events say to each other. */
import type { Metadata } from "../../event/event.ts";
import type { EventEnd } from "../isolation/orders.ts";

/** A path to secrets, or the globs of their keys. */
export interface DeclaredPath {
  readonly text: string;
  readonly ignore_case: boolean;
  readonly secret: boolean;
  readonly globs: readonly string[] | undefined;
}

/** Secrets that a step has declared, and what takes their place. */
export interface OwnSecrets {
  readonly paths: readonly DeclaredPath[];
  readonly replacement: string;
}

/** The redact steps of one chain. */
export interface ChainOrders {
  /** As they are in the configuration. */
  readonly steps: readonly object[];
  /** Secrets that steps of other plugins have declared: text is masked by those, too. */
  readonly declared: readonly OwnSecrets[];
  /** Where relative paths of packs begin. */
  readonly folder: string;
}

/** One event, for one of the redact steps. */
export interface EventOrders {
  readonly record: Uint8Array<ArrayBuffer>;
  readonly metadata: Metadata;
  /** The step's number among the redact steps of its chain. */
  readonly step: number;
}

/** To the thread, which answers each event, in their order. */
export type ThreadMessage =
  | { readonly kind: "chain"; readonly chain: number; readonly orders: ChainOrders }
  | { readonly kind: "event"; readonly chain: number; readonly event: EventOrders };

/** What became of an event. */
export interface EventAnswer {
  readonly kind: "kept" | "ended" | "unreadable" | "failed";
  /** Undefined where it is as it was. */
  readonly record?: Uint8Array<ArrayBuffer> | undefined;
  /** As the step has left it; undefined where the step has failed. */
  readonly metadata?: Metadata;
  /** Where the step has ended it. */
  readonly end?: EventEnd | undefined;
  /** The patterns and the keys of the paths that have found something so far. */
  readonly patterns: readonly string[];
  readonly paths: readonly string[];
}
