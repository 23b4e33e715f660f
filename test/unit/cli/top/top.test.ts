/** `tallyman top` where there is no terminal. */
import { expect, test } from "vitest";
import { tallyman } from "../../../support/command-line.ts";
import { top } from "../../../../src/cli/top/top.ts";

test.skipIf(process.stdout.isTTY)("top - in a pipe it says what to use instead", async () => {
  const config = "/nonexistent.yaml";
  await expect(top({ config, interval: 1 })).rejects.toMatchObject({ code: "no_terminal" });
  const { status, err } = await tallyman(["top", "-c", config]);
  expect(status).toBe(1);
  expect(err).toContain("`tallyman status` prints to a pipe");
});
