/** Which inputs have a chain of their own. */
import { expect, test } from "vitest";
import { chainKindOf } from "../../../../src/agent/setup/setup.ts";
import { load } from "../../../support/configuration.ts";

test("chain kind - of each input, of tallyman's own events, and of none that is not configured", async () => {
  const config = await load(
    "inputs: { a: { paths: [/a] }, b: { paths: [/b], chain: [] } }\noutput: { type: stdout }\n",
  );
  const kinds = ["a", "b", "tallyman", "gone", "constructor"].map((name) =>
    chainKindOf(config, name),
  );
  expect(kinds).toEqual(["common", "own", "common", undefined, undefined]);
});
