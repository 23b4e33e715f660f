/** What a chain and the process of an isolated step say to each other beside the events. */
import type { Metadata } from "../../event/event.ts";
import type { ListState } from "../lists/file-list.ts";
import type { PlaceOfFiles } from "../../platform/files/confined.ts";
import type { Complaint } from "../../platform/errors.ts";

/** The socket for events, in the process. */
export const socket_descriptor = 4;

/** What the process is started with. */
export interface IsolationOrders {
  /** The plugin's file, and what it and those that it imports are to hold. */
  readonly file: string;
  readonly code: string;
  readonly step: string;
  readonly plugin: string;
  readonly options: unknown;
  readonly outputs: readonly string[];
  /** Where its tables and packs are. */
  readonly files: PlaceOfFiles;
}

/** Secrets that the step has declared. */
export interface DeclaredSecrets {
  readonly paths: readonly {
    readonly text: string;
    readonly ignore_case: boolean;
    readonly secret: boolean;
  }[];
  readonly replacement: string;
}

/** From the process. */
export type IsolationReport =
  | {
      readonly kind: "ready";
      readonly outputs: readonly string[];
      readonly secrets: readonly DeclaredSecrets[];
    }
  /** Each complaint with the keys that lead to it in the step's options. */
  | { readonly kind: "refused"; readonly complaints: readonly Complaint[] }
  | {
      readonly kind: "log";
      readonly level: "info" | "warn";
      readonly facts: object;
      readonly message: string;
    }
  /** So many lines that the plugin logs were not passed on. */
  | { readonly kind: "left_out"; readonly lines: number }
  /** A table that it reads from a file, as it is now. */
  | { readonly kind: "list"; readonly list: ListState }
  /** Thrown outside of an event: its class, and where it came from. */
  | { readonly kind: "uncaught"; readonly error: string; readonly at: readonly string[] }
  | { readonly kind: "disposed" };

/** What became of the start. */
export type FirstReport = Extract<IsolationReport, { kind: "ready" | "refused" }>;

/** To the process: what it is, and whose; or that it is to end. */
export type IsolationMessage =
  | { readonly kind: "start"; readonly orders: IsolationOrders; readonly parent: number }
  | { readonly kind: "dispose" };

/** What became of an event. Of a kept one, what was changed is added up. */
export const answers = {
  kept: 0,
  changed_record: 1,
  changed_head: 2,
  ended: 8,
  failed: 16,
  unreadable: 32,
  too_long: 64,
  split: 128,
} as const;

/** What is known of an event beside its record. */
export interface EventHead {
  readonly time: string;
  readonly metadata: Metadata;
}

/** One of the events that a step gave for one; their records follow one another. */
export interface PartHead {
  /** Whether it is the event itself. */
  readonly is_own: boolean;
  /** Undefined where the step set none. */
  readonly time: string | undefined;
  readonly metadata: Metadata;
  /** Bytes of the record; undefined where it is the event's, as it was. */
  readonly length: number | undefined;
}

/** How a step ended an event, or why it failed on it. */
export interface EventEnd {
  readonly fate: "filtered" | "dropped" | "quarantined";
  readonly reason: string;
  readonly detail?: string | undefined;
}

/** Time and metadata as text: the latter, which is the same for many events, comes last. */
export function headText(time: string, metadata_json: string): string {
  return `${time}\n${metadata_json}`;
}
