/** What the test runner's settings have in common. */
import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { compile_cache } from "./support/machine/compile-cache.ts";

const minute_ms = 60_000;

/** Where random cases begin; see test/support/seed.ts. All tests of a run have the same seed. */
function chosenSeed(): number {
  const asked = process.env["TALLYMAN_TEST_SEED"] ?? "0";
  if (asked === "random") return randomInt(1_000_000_000);
  if (/^\d{1,9}$/.test(asked)) return Number(asked);
  throw new Error(
    `TALLYMAN_TEST_SEED is "${asked}"; set it to "random" or to a number of up to 9 digits`,
  );
}

/** Runs the files with the lowest rank first. */
export abstract class RankedSequencer extends BaseSequencer {
  protected abstract rankOf(specification: TestSpecification): number;

  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specifications);
    const ranked = sorted.map((each) => ({ each, rank: this.rankOf(each) }));
    return ranked.toSorted((one, other) => one.rank - other.rank).map(({ each }) => each);
  }
}

export const shared = {
  // The test runner has a loader of its own, which does not come past that of plugins.
  alias: { "tallyman/plugin": new URL("../src/plugin.ts", import.meta.url).pathname },
  globalSetup: "test/support/machine/fresh-build.ts",
  setupFiles: "test/support/seed.ts",
  // Much of the time a test waits for a disk, another process, or a time that has to pass.
  maxWorkers: 3 * availableParallelism(),
  // No test waits for a time: each waits for what shall happen. On a busy machine that may take minutes.
  testTimeout: 15 * minute_ms,
  hookTimeout: 15 * minute_ms,
  teardownTimeout: minute_ms,
  tags: [{ name: "long", description: "What `npm run test:long` tries in full" }],
  // Young objects die in a larger space for them: a twelfth less CPU time than with Node's own size.
  execArgv: ["--max-semi-space-size=32"],
  env: {
    TALLYMAN_TEST_SEED: String(chosenSeed()),
    // Hundreds of processes are started; what Node compiled is kept from one start to the next.
    NODE_COMPILE_CACHE: compile_cache,
    // As the program's first line has it, for those that are started by their file.
    NODE_OPTIONS: "--disable-sigusr1",
  },
};
