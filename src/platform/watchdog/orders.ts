/** What the watchdog's two threads say to each other. */
import type { HungEvent } from "./hung-events.ts";

/** Something that runs code of a plugin. */
export interface Activity {
  readonly kind: "load" | "create" | "step";
  readonly file: string;
  readonly plugin?: string;
  readonly step?: string;
  /** Of the plugin's files and the step's options, in hex. */
  readonly code?: string;
}

/** How it says that something hangs: as a line of the log, or for people at a command. */
export type ReportForm = "json" | "text";

export interface WatchOrders {
  readonly memory: SharedArrayBuffer;
  readonly timeout_ms: number;
  readonly form: ReportForm;
  /** Where the events are kept on which steps hung, and those that are there. Without it none is kept. */
  readonly kept?: { readonly file: string; readonly events: readonly HungEvent[] } | undefined;
}

/** From the main thread. */
export type WatchMessage = { readonly number: number; readonly activity: Activity };
