/**
 * The contract of every output.
 */
import type { LogEvent } from "../event/log-event.ts";
import type { Delivered } from "./delivered.ts";
import type { OutputCondition, OutputStatus } from "./output-status.ts";

export interface Output {
  readonly name: string;
  readonly delivered: Delivered;
  /** Bytes that may be sent and not settled yet, because the receiver says only later that it has them safely. */
  readonly held_bytes_max: number;
  /**
   * Takes one event: encodes it into the current batch at once, so that nothing of the event is kept.
   * The event's receipt is settled as delivered when the receiver has taken it, and never before.
   */
  add(event: LogEvent): void;
  /**
   * Undefined while there is room for another block of `input`; else a promise for when there may be. Never rejects.
   */
  room(input: string): Promise<void> | undefined;
  status(): OutputCondition | OutputStatus;
  /** Says that nothing more is at hand now, so that a part-filled batch may go at once. */
  idle(): void;
  /**
   * Sends all that was added, and resolves when it is delivered or `stop` is aborted. Never rejects.
   * What is not delivered by then stays unsettled: it is read again after the next start.
   */
  drain(stop: AbortSignal): Promise<void>;
  /** Ends all requests and closes all connections. Nothing is settled after it. */
  close(): Promise<void>;
}
