/** The mask of a chain says the same of a text whether it has come before, and however many others have. */
import { expect, test } from "vitest";
import { makeChain } from "../../../support/events/chains.ts";

test("secrets - texts that never come again, and then those that do", async () => {
  const { maskText } = await makeChain([{ redact: { keys: ["password"] } }]);
  const secret = "password=S3CR3TPW1 for a";
  const masked = maskText(secret);
  expect(masked).not.toContain("S3CR3TPW1");
  const wrong: string[] = [];
  const look = (text: string): void => {
    if (maskText(text) !== text) wrong.push(text);
    if (maskText(secret) !== masked) wrong.push(secret);
  };
  for (let number = 0; number < 6000; number += 1) look(`line ${number}`);
  for (let number = 0; number < 6000; number += 1) look(`line ${number % 7}`);
  expect(wrong).toEqual([]);
});
