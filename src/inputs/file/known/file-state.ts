/**
 * In which state a file is that is known.
 */

/**
 * - unplaced: known from before the start, and not yet found again.
 * - live: its path leads to it.
 * - leaving: it was rotated or deleted; it is read to its end.
 * - finished: that is done; it stays known, so that it is never read twice.
 * - truncated: it is shorter than what was read of it, or has other bytes there.
 * - retired: it is gone; it is forgotten as soon as its events are settled.
 */
export type FileState = "unplaced" | "live" | "leaving" | "finished" | "truncated" | "retired";
