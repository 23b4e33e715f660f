/**
 * Test runner settings. Unit and property tests run side by side; the end-to-end tests, which start real
 * processes and measure nothing but need the machine's pace, run after them, a file at a time.
 */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // By default it leaves a processor for itself, of two that is half.
    maxWorkers: "100%",
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
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
