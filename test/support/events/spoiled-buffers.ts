/** Has whoever reads a buffer that was given back to its pool find nothing of what was in it. */
import { onTestFinished } from "vitest";
import { BufferPool } from "../../../src/output/batch/buffer-pool.ts";

const pool = BufferPool.prototype;
const own = Object.getOwnPropertyDescriptors(pool);

/** Until the test is over. A buffer that is given back a second time throws. */
export function spoilReturnedBuffers(): void {
  const spare = new WeakSet<Buffer>();
  pool.giveBack = function (buffer) {
    if (spare.has(buffer)) throw new Error("the buffer was given back twice");
    buffer.fill(0xff);
    if (buffer.length > 0) spare.add(buffer);
    own.giveBack.value!.call(this, buffer);
  };
  pool.take = function () {
    const buffer = own.take.value!.call(this);
    spare.delete(buffer);
    return buffer;
  };
  onTestFinished(() => void Object.defineProperties(pool, own));
}
