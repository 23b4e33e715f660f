/**
 * Test runner settings of `npm test`: unit, property and end-to-end tests. What takes long has settings of its own,
 * vitest.long.config.ts.
 */
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { shared } from "./test/settings.ts";

/**
 * End-to-end tests wait for processes half of their time, so they run beside others that compute; and they are long, so
 * they begin first: at the end, short ones keep all processors busy.
 */
class EndToEndFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specifications);
    const rank = ({ moduleId }: TestSpecification): number =>
      moduleId.includes("/test/e2e/") ? 0 : 1;
    return sorted.toSorted((one, other) => rank(one) - rank(other));
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
    sequence: { sequencer: EndToEndFirst },
    reporters: ["default", ["json", { outputFile: ".vitest-report.json" }]],
  },
});
