/**
 * Test runner settings of `npm test`: unit, property and end-to-end tests. What takes long has settings of its own,
 * vitest.long.config.ts.
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import type { TestSpecification } from "vitest/node";
import { RankedSequencer, shared } from "./test/settings.ts";

/**
 * End-to-end tests wait for processes half of their time, so they run beside others that compute; and they are long, so
 * they begin first: at the end, short ones keep all processors busy. Then come those that start processes themselves: to start one
 * takes 10 ms from a worker that has just begun, and 60 ms from one that has loaded everything.
 */
class ProcessesFirst extends RankedSequencer {
  protected rankOf({ moduleId }: TestSpecification): number {
    if (moduleId.includes("/test/e2e/")) return 0;
    return readFileSync(moduleId, "utf8").includes('"node:child_process"') ? 1 : 2;
  }
}

export default defineConfig({
  test: {
    ...shared,
    include: ["test/{unit,property,e2e}/**/*.test.ts"],
    // Modules are loaded once for all files of a worker: that is a fifth of what the tests cost.
    isolate: false,
    // Each worker loads them again. What waits, waits for a process that works meanwhile.
    maxWorkers: 2 * availableParallelism(),
    sequence: { sequencer: ProcessesFirst },
    reporters: ["default", ["json", { outputFile: ".vitest-report.json" }]],
  },
});
