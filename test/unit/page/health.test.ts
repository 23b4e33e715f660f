/** What the page says of the agent: the agent's own sentence, as long as it answers. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { healthOf } from "../../../src/page/model/health.ts";
import { outputReport } from "../../support/reports/status.ts";
import { summaryOf } from "../../support/reports/summary.ts";

const unknown = { summary: undefined, rates: undefined, lost_since_ms: undefined };

test("health - an agent that does not answer is said at once", () => {
  expect(healthOf({ ...unknown, lost_since_ms: 0 })).toMatchObject({ level: "bad", is_loss: true });
  expect(healthOf(unknown)).toMatchObject({ level: "notice", is_loss: false });
});

test("health - the page says the same before its script has come", () => {
  const { level, sentence } = healthOf(unknown);
  const page = readFileSync("src/page/page.html", "utf8");
  expect(page).toContain(`<p class="sentence">${sentence}</p>`);
  expect(page).toContain(`class="banner ${level}"`);
});

test("health - what the agent says of itself is said", () => {
  expect(healthOf({ ...unknown, summary: summaryOf() }).level).toBe("good");
  const summary = summaryOf({ outputs: [outputReport("splunk", { state: "blocked" })] });
  const { sentence } = summary.health;
  expect(sentence).toContain("splunk is blocked");
  expect(healthOf({ ...unknown, summary })).toMatchObject({ level: "bad", sentence });
  expect(healthOf({ ...unknown, summary, lost_since_ms: 0 }).sentence).not.toBe(sentence);
});
