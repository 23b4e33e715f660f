/** The screen of `tallyman status`: what the books have beside events. */
import { expect, test } from "vitest";
import { screenOf } from "../../../../src/cli/status/screen.ts";
import { closeBooks, emptyBooks } from "../../../../src/ledger/books.ts";
import { statusOf } from "../../../support/reports/status.ts";

test("status - bytes that may be lost are shown as that, and only where there are any", () => {
  const screenWith = (maybe_lost_bytes: number): string => {
    const audit = { ...emptyBooks(), maybe_lost_bytes, in_flight: 0 };
    return screenOf(statusOf({ books: closeBooks({ audit }) }), []).join("\n");
  };
  expect(screenWith(1200)).toMatch(/^ {2}maybe lost bytes: up to 1,?200$/m);
  expect(screenWith(1200)).not.toMatch(/^ {2}lost bytes/m);
  expect(screenWith(0)).not.toContain("maybe lost");
});
