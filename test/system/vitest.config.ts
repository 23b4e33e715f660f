/**
 * Tests on a whole system: `npm run test:system`, as root, with systemd-nspawn and debootstrap. They boot a Debian 12, take
 * minutes, and are no part of `npm test`. TALLYMAN_TEST_DEBIAN names a folder with a Debian 12 to begin with; without one,
 * debootstrap makes it.
 */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/system/**/*.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 900_000,
    fileParallelism: false,
  },
});
