/** When options count as the same, so that what they are for goes on as it is. */
import { expect, test } from "vitest";
import { same } from "../../../src/platform/same.ts";
import { Secret } from "../../../src/platform/secret.ts";

test.each([
  [1, 1],
  [NaN, NaN],
  ["a", "a"],
  [null, null],
  [
    [1, [2, { a: "b" }]],
    [1, [2, { a: "b" }]],
  ],
  [
    { a: 1, b: { c: [] } },
    { b: { c: [] }, a: 1 },
  ],
  [{ a: 1, b: undefined }, { a: 1 }],
  [{}, { a: undefined }],
])("same - %j says the same as %j", (one, other) => {
  expect(same(one, other)).toBe(true);
  expect(same(other, one)).toBe(true);
});

test.each([
  [1, "1"],
  [0, false],
  [null, undefined],
  [null, {}],
  [[], {}],
  [[], [undefined]],
  [
    [1, 2],
    [2, 1],
  ],
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, { b: 1 }],
  [{ a: { b: 1 } }, { a: { b: 1, c: null } }],
  [
    { toString: undefined, a: 1 },
    { toString: "x", a: 1 },
  ],
  [{ constructor: Object }, {}],
])("same - %j does not say the same as %j", (one, other) => {
  expect(same(one, other)).toBe(false);
  expect(same(other, one)).toBe(false);
});

test("same - secrets are by what they are, and by the files that they are read from", () => {
  const from = (value: string, ...files: string[]): Secret => {
    const secret = new Secret(value);
    if (files.length > 0) secret.follow({ files, read: () => value });
    return secret;
  };
  expect(same({ token: from("a") }, { token: from("a") })).toBe(true);
  expect(same({ token: from("a", "/f", "/g") }, { token: from("a", "/f", "/g") })).toBe(true);
  for (const [one, other] of [
    [from("a"), from("b")],
    [from("a"), from("a", "/f")],
    [from("a", "/f"), from("a", "/g")],
    [from("a", "/f"), from("b", "/f")],
    [from("a"), "a"],
    [from("a"), "***"],
    [from("a"), {}],
  ] as const) {
    expect(same({ token: one }, { token: other })).toBe(false);
    expect(same({ token: other }, { token: one })).toBe(false);
  }
});

test("same - a secret that was replaced is another one", async () => {
  let value = "before";
  const secret = new Secret(value);
  secret.follow({ files: [import.meta.filename], read: () => value });
  value = "after";
  await secret.refresh();
  const other = new Secret("after");
  other.follow({ files: [import.meta.filename], read: () => value });
  expect(same(secret, other)).toBe(true);
  expect(secret.equals(new Secret("before"))).toBe(false);
});
