/** The schema of a component is made where a configuration has one of its type, and not before. */
import { expect, test } from "vitest";
import { z } from "zod";
import { ofType } from "../../../src/config/component-types.ts";

test("component types - a schema is made when a component of its type is read, and once", () => {
  const made: string[] = [];
  const option = (type: string) =>
    ofType(type, () => {
      made.push(type);
      return z.strictObject({ type: z.literal(type), path: z.string() });
    });
  const options = z.discriminatedUnion("type", [option("socket"), option("hec")]);
  expect(made).toEqual([]);
  expect(options.safeParse({ type: "none", path: "/a" }).error?.issues[0]?.code).toBe(
    "invalid_union",
  );
  expect(made).toEqual([]);
  for (const path of ["/a", "/b"]) expect(options.parse({ type: "hec", path }).path).toBe(path);
  expect(options.safeParse({ type: "hec", path: 1 }).success).toBe(false);
  expect(made).toEqual(["hec"]);
});
