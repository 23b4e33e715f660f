/**
 * Test runner settings of `npm run test:long`: the tests of `npm test` that take a sample there, with all of it, and those
 * that are too long for every change. They are the tests with the tag `long`; see test/support/effort.ts.
 */
import { globSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { shared } from "./test/settings.ts";

/** Only these are read at all, since each file that is costs a second. */
const files = globSync("test/{unit,property,e2e}/**/*.test.ts").filter((file) =>
  readFileSync(file, "utf8").includes("/support/effort.ts"),
);

export default defineConfig({
  test: {
    ...shared,
    // A thousand seeds, beside others and on a busy machine.
    testTimeout: 2 * shared.testTimeout,
    name: "long",
    include: files,
    env: { ...shared.env, TALLYMAN_TESTS: "long" },
    reporters: ["default", ["json", { outputFile: ".vitest-report-long.json" }]],
  },
});
