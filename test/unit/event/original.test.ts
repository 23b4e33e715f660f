/** What is kept of an event that goes to quarantine. */
import { expect, test } from "vitest";
import { maskedEvent } from "../../../src/event/original.ts";
import { textMask } from "../../../src/chain/masking/text-mask.ts";
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

test("original - of a text in UTF-16 nothing is kept, and that is said; metadata with NULs likewise", () => {
  const text = Buffer.from('{"password":"S3CR3TPW"}', "utf16le").toString();
  const read = () => ({ text, metadata: { host: "a", source: text, fields: { [text]: 1 } } });
  const kept = maskedEvent(read, textMask([{ name: "password", replacement: "***" }], "***"));
  expect(kept).toMatchObject({ masked: true, text: "***", metadata: { host: "a", source: "***" } });
  expect(JSON.stringify(kept).replaceAll(String.raw`\u0000`, "")).not.toContain("S3CR3TPW");
});
