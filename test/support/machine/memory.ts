/** How much memory this process really holds, garbage not counted. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes of all buffers that something still refers to. Some of the garbage may be counted for a moment. */
export function bufferBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/**
 * How many bytes of buffers came since there were `before`. Up to `most` some of them may be garbage: collecting it takes long
 * in a process that has loaded all tests, so it is done only where it decides.
 */
export function buffersSince(before: number, most: number): number {
  const counted = process.memoryUsage().arrayBuffers - before;
  return counted < most ? counted : bufferBytes() - before;
}

/** Bytes of all objects and buffers that something still refers to. */
export function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
