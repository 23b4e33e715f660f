/** What is kept of an event that goes to quarantine. */
import { expect, test } from "vitest";
import { maskedEvent } from "../../../src/event/original.ts";
import { Secret } from "../../../src/platform/secret.ts";

test("original - a secret that is a number, too, costs no text", () => {
  const secret = new Secret("200");
  const read = () => ({
    text: "status 200",
    metadata: { time: 1_720_012_004.2, fields: { code: 200 } },
  });
  expect(maskedEvent(read, (text) => secret.hideIn(text))).toEqual({
    masked: true,
    text: "status ***",
    metadata: { time: 1_720_012_004.2, fields: { code: "***" } },
  });
});
