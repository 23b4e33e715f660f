/**
 * The audit events of tallyman's own life: what each kind says, and its text.
 *
 * They hold names, numbers and words of tallyman's own; of a refused configuration the error's message, that never has
 * a secret in it.
 */
import type { OutputCondition } from "../../output/output.ts";
import type { SilenceEvent } from "../sources/silence-watch.ts";
import type { HeartbeatEvent } from "./heartbeat.ts";
import { version } from "../../platform/version.ts";

/** How the run before this one ended, as far as anybody knows. */
export interface LastRun {
  /** `uncleanly` is a kill, a crash or a power cut; `unknown` where what was kept of it cannot be read. */
  readonly ended: "cleanly" | "uncleanly" | "no_run" | "unknown";
  /** ISO 8601, as all times here. */
  readonly started?: string;
  /** Of a clean end. */
  readonly stopped?: string;
  /** Of another end: when it was last known to run. */
  readonly seen?: string;
}

export interface StartEvent {
  readonly event: "start";
  readonly last_run: LastRun;
}

export interface StopEvent {
  readonly event: "stop";
  /** The signal's name, or `input_ended`. */
  readonly reason: string;
}

export interface ReloadApplied {
  readonly event: "reload";
  readonly outcome: "applied";
  /** Of what is in force from now on. */
  readonly new_digest: string;
}

export interface ReloadRefused {
  readonly event: "reload";
  readonly outcome: "refused";
  readonly error: { readonly code: string; readonly summary: string };
}

export interface PauseEvent {
  readonly event: "pause" | "resume";
  readonly output: string;
  readonly state: OutputCondition["state"];
  /** Why events do not go, or did not. */
  readonly reason: string | undefined;
  /** When that began. */
  readonly since: string;
  /** Of a resume: for how long they did not go. */
  readonly duration_s?: number;
  /** Changes before this one that are not reported, as there were too many. */
  readonly unreported: number;
}

export type LifecycleEvent =
  | StartEvent
  | StopEvent
  | ReloadApplied
  | ReloadRefused
  | PauseEvent
  | SilenceEvent
  | HeartbeatEvent;

/** What every one of them says. */
export interface RunDescription {
  /** The configuration file. */
  readonly config: string;
  /** Of the configuration and the plugins in force: after a reload that was applied, the new one. */
  readonly digest: string | undefined;
  /** Of before a reload. */
  readonly previous_digest?: string | undefined;
}

export function textOf(event: LifecycleEvent, run: RunDescription, now_ms: number): string {
  const { event: kind, ...details } = event;
  const time = new Date(now_ms).toISOString();
  return JSON.stringify({ event: kind, time, version, pid: process.pid, ...run, ...details });
}
