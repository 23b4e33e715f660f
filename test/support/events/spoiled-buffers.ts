/** Has whoever reads a buffer that was given back to its pool find nothing of what was in it. */
import { onTestFinished } from "vitest";
import { BufferPool } from "../../../src/output/batch/buffer-pool.ts";

const { take, giveBack } = BufferPool.prototype;

/** Until the test is over. A buffer that is given back a second time throws. */
export function spoilReturnedBuffers(): void {
  const spare = new WeakSet<Buffer>();
  BufferPool.prototype.giveBack = function (buffer) {
    if (spare.has(buffer)) throw new Error("the buffer was given back twice");
    buffer.fill(0xff);
    if (buffer.length > 0) spare.add(buffer);
    giveBack.call(this, buffer);
  };
  BufferPool.prototype.take = function () {
    const buffer = take.call(this);
    spare.delete(buffer);
    return buffer;
  };
  onTestFinished(() => {
    Object.assign(BufferPool.prototype, { take, giveBack });
  });
}
