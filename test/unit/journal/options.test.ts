/** The journal's options, as they stand in an input's. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  defaultJournalOptions,
  journalOptions,
  journalOptionsOf,
} from "../../../src/journal/options.ts";

const schema = z.strictObject(journalOptions());

describe("journal options", () => {
  test("journal options - default to a gibibyte, synced always, with senders that wait", () => {
    expect(defaultJournalOptions()).toEqual({
      when_full: "block",
      max_bytes: 1024 ** 3,
      sync: "always",
    });
  });

  test("journal options - are read as users write them", () => {
    const text = { when_full: "drop_oldest", journal: { max_bytes: "256KiB", sync: "1s" } };
    expect(journalOptionsOf(schema.parse(text))).toEqual({
      when_full: "drop_oldest",
      max_bytes: 256 * 1024,
      sync: 1000,
    });
  });

  test.each([
    [{ when_full: "drop" }],
    [{ journal: { max_bytes: "1KiB" } }],
    [{ journal: { max_bytes: 1024 } }],
    [{ journal: { sync: "never" } }],
    [{ journal: { sync: "0s" } }],
    [{ journal: { sync: "5m" } }],
    [{ journal: { dir: "/x" } }],
  ])("journal options - refuse %j", (options) => {
    expect(schema.safeParse(options).success).toBe(false);
  });
});
