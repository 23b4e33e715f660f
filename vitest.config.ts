/**
 * Test runner settings: unit and property tests, and after them the end-to-end tests, which start real processes. All
 * run side by side, and hold on a machine that is busy with something else.
 */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // By default it leaves a processor for itself, of two that is half.
    maxWorkers: "100%",
    globalSetup: "test/support/fresh-build.ts",
    reporters: ["default", ["json", { outputFile: ".vitest-report.json" }]],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{unit,property}/**/*.test.ts"],
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 240_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
