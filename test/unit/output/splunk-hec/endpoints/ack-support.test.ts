/** What is known of acknowledgements: by endpoint, and of one that has shown nothing by the others. */
import { expect, test } from "vitest";
import { KnownPromises } from "../../../../../src/output/splunk-hec/endpoints/ack-support.ts";

test("known promises - an endpoint that has shown nothing is taken for one like the others", () => {
  const promises = new KnownPromises();
  expect(promises.assumedOf("https://a")).toBe(false);
  promises.note("https://b", true);
  expect(promises.assumedOf("https://a")).toBe(true);
  expect(promises.shownBy("https://a")).toBeUndefined();
  promises.note("https://a", false);
  expect(promises.assumedOf("https://a")).toBe(false);
  expect(promises.shownBy("https://b")).toBe(true);
});
