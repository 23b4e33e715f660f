/** What the test runner's settings have in common. */
import { tmpdir } from "node:os";
import { join } from "node:path";

const minute_ms = 60_000;

export const shared = {
  // By default it leaves a processor for itself, of two that is half.
  maxWorkers: "100%",
  // No test waits for a time: each waits for what shall happen. On a busy machine that may take minutes.
  testTimeout: 15 * minute_ms,
  hookTimeout: 15 * minute_ms,
  teardownTimeout: minute_ms,
  tags: [{ name: "long", description: "What `npm run test:long` tries in full" }],
  env: {
    // Hundreds of processes are started; what Node compiled is kept from one start to the next.
    NODE_COMPILE_CACHE: join(tmpdir(), "tallyman-test-compiled"),
  },
};
