/** Whom a package may come from: what dpkg, and those who read it, take for a name and an address. */
import { expect, test } from "vitest";
import { default_maintainer, isMaintainer } from "../../../scripts/package/debian-control.ts";

test.each([default_maintainer, "Operations <ops@example.com>", "Zoë O'Neil, Jr. <z@a.b.example>"])(
  "maintainer - %s is one",
  (text) => expect(isMaintainer(text)).toBe(true),
);

test.each([
  "",
  "Operations",
  "ops@example.com",
  "<ops@example.com>",
  "Operations <ops>",
  "Operations <ops@localhost>",
  "Operations <ops@example.com> and others",
  " Operations <ops@example.com>",
  // A line of its own would be a field of its own.
  "Operations\nDepends: nothing <ops@example.com>",
  "Operations <ops@example.com>\n",
])("maintainer - %j is none", (text) => expect(isMaintainer(text)).toBe(false));
