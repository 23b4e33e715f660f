/** The recipes of docs/rules/cookbook.md that show an event before and after do what they show. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { makeChain, runChain } from "../../support/events/chains.ts";

const document = readFileSync(new URL("../../../docs/rules/cookbook.md", import.meta.url), "utf8");
const recipe =
  /^### (.+)\n\n```yaml\n((?:(?!```)[^])*)```\n\n```json\n((?:(?!```)[^])*)```\n\n```json\n((?:(?!```)[^])*)```/gm;
const recipes = [...document.matchAll(recipe)].map(([, ...parts]) => parts);

describe("recipes", () => {
  test("rules - there are some with an event before and after", () => {
    expect(recipes.length).toBeGreaterThanOrEqual(5);
  });

  test.each(recipes)("rules - %s", async (_title, yaml, before, after) => {
    const { chain } = parse(yaml) as { chain: unknown };
    const { outcome, text } = runChain(await makeChain(chain), before);
    expect(outcome).toBe("kept");
    expect(JSON.parse(text)).toEqual(JSON.parse(after));
  });
});
