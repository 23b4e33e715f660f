/**
 * Test runner settings of `npm test`: unit and property tests, and after them the end-to-end tests, which start real
 * processes. What takes long has settings of its own, vitest.long.config.ts.
 */
import { defineConfig } from "vitest/config";
import { shared } from "./test/settings.ts";

export default defineConfig({
  test: {
    ...shared,
    reporters: ["default", ["json", { outputFile: ".vitest-report.json" }]],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/{unit,property}/**/*.test.ts"],
          // Modules are loaded once for all files of a worker: that is a fifth of what the tests cost.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
