/** What is known of acknowledgements: by endpoint, and of one that has shown nothing by the others. */
import { expect, test } from "vitest";
import { AckSupport } from "../../../../../src/output/splunk-hec/endpoints/ack-support.ts";

test("known ack_support - an endpoint that has shown nothing is taken for one like the others", () => {
  const ack_support = new AckSupport();
  expect(ack_support.assumedOf("https://a")).toBe(false);
  ack_support.note("https://b", true);
  expect(ack_support.assumedOf("https://a")).toBe(true);
  expect(ack_support.shownBy("https://a")).toBeUndefined();
  ack_support.note("https://a", false);
  expect(ack_support.assumedOf("https://a")).toBe(false);
  expect(ack_support.shownBy("https://b")).toBe(true);
});
