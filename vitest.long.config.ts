/**
 * Test runner settings of `npm run test:long`: the tests of `npm test` that take a sample there, with all of it, and those
 * that are too long for every change. They are the tests with the tag `long`; see test/support/effort.ts.
 */
import { globSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import type { TestSpecification } from "vitest/node";
import { RankedSequencer, shared } from "./test/settings.ts";

/** Only these are read at all, since each file that is costs a second. */
const files = globSync("test/{unit,property,e2e}/**/*.test.ts").filter((file) =>
  readFileSync(file, "utf8").includes("/support/effort.ts"),
);

/**
 * The files that take minutes. One that began last would run alone at the end. First come those that wait for daemons, so that
 * others compute meanwhile.
 */
const longest = [
  "e2e/losses/many-files-kill",
  "e2e/losses/kill",
  "property/proof-mutations",
  "e2e/fleet/fleet",
  "redaction/text-mask-cost",
  "property/framings/json-framing",
  "property/delivery",
  "losses/receiver-kill",
  "losses/exact-bytes",
  "framings/multiline",
  "property/framings/encodings",
  "package/package",
  "package/image",
  "e2e/proof/proof",
  "detectors/clean",
];

class LongestFirst extends RankedSequencer {
  protected rankOf({ moduleId }: TestSpecification): number {
    const place = longest.findIndex((each) => moduleId.includes(`/${each}.test.ts`));
    return place < 0 ? longest.length : place;
  }
}

export default defineConfig({
  test: {
    ...shared,
    // Hundreds of seeds in one test, beside five others, on a machine on which ten more programs never rest.
    testTimeout: 6 * shared.testTimeout,
    hookTimeout: 6 * shared.hookTimeout,
    name: "long",
    // As in `npm test`: a new process for each file, and its modules again, were a minute of the whole.
    isolate: false,
    include: files,
    env: { ...shared.env, TALLYMAN_TESTS: "long" },
    sequence: { sequencer: LongestFirst },
    reporters: ["default", ["json", { outputFile: ".vitest-report-long.json" }]],
  },
});
