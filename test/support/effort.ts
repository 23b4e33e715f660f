/**
 * How much a test tries. `npm test` takes a sample, so that it is quick; `npm run test:long` takes all. Nothing that a
 * sample leaves out is lost: .ci/run runs both.
 */
import { test } from "vitest";

/** What `npm run test:long` runs, and nothing else does. */
export const long = { tags: ["long"] };

/** Whether this is `npm run test:long`; its settings, vitest.long.config.ts, say so. */
export const is_long = process.env["TALLYMAN_TESTS"] === "long";

/** A test of `npm run test:long` alone; it is skipped otherwise. */
export function longTest(name: string, run: () => Promise<void> | void): void {
  test.runIf(is_long)(name, long, run);
}

/** The same property, of a sample and of all. */
export interface Effort<T> {
  /** Without it the test is one of `npm run test:long` alone. */
  readonly sample?: T;
  readonly all: T;
}

/** The cases of a test with the options `long`: one in `every` of them in `npm test`, all in `npm run test:long`. */
export function sampledCases<T>(cases: readonly T[], every: number): readonly T[] {
  return is_long ? cases : cases.filter((_, number) => number % every === 0);
}

/** A test that tries a sample in `npm test`, and all in `npm run test:long`. Its name may say how much that is. */
export function sampled<T>(
  name: string | ((effort: T) => string),
  { sample, all }: Effort<T>,
  run: (effort: T) => Promise<void> | void,
): void {
  const effort = is_long ? all : (sample ?? all);
  const title = typeof name === "string" ? name : name(effort);
  test.runIf(is_long || sample !== undefined)(title, long, () => run(effort));
}
