/** Mistakes in rules through `tallyman check`: each is met, at its place and with what to write. */
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { tallyman, type Ended } from "../../../support/command-line.ts";
import { writeConfiguration } from "../../../support/configuration.ts";
import {
  doubtful,
  mistaken_event,
  refused,
  shown_by_events,
} from "../../../support/reports/mistakes.ts";

/** `check` of a configuration with this step, whose input has a log of these events. */
async function check(step: object, events = [mistaken_event]): Promise<Ended> {
  const configuration = {
    state_dir: "state",
    inputs: { audit: { paths: ["audit.log"] } },
    chain: [step, { redact: { fields: ["requestHeader.Authorization"] } }],
    output: { url: "https://splunk.example.com:8088", token: "made-up" },
  };
  const file = writeConfiguration(JSON.stringify(configuration));
  writeFileSync(join(dirname(file), "audit.log"), events.map((event) => `${event}\n`).join(""));
  return tallyman(["check", "-c", file]);
}

function warningsOf({ out }: Ended): string {
  const at = out.indexOf("\nWarnings\n");
  return at < 0 ? "" : out.slice(at);
}

const named = (mistakes: readonly { step: object; said: string }[]) =>
  mistakes.map(({ step, said }) => [JSON.stringify(step), said, step] as const);

test.each(named(refused))("mistakes - %s is refused: %s", async (_, said, step) => {
  const { status, err } = await check(step);
  expect(status).toBe(1);
  expect(err).toContain(said);
  expect(err).toMatch(/config\.yaml:1:\d+: chain\[0\]\.(?:filter|redact)\./);
});

test.each(named(doubtful))("mistakes - %s is warned of: %s", async (_, said, step) => {
  const ended = await check(step);
  expect(ended.status).toBe(0);
  expect(warningsOf(ended)).toContain(said);
});

test.each(named(shown_by_events))(
  "mistakes - %s is warned of by the input's own file: %s",
  async (_, said, step) => {
    const ended = await check(
      step,
      Array.from({ length: 3 }, () => mistaken_event),
    );
    expect(ended.status).toBe(0);
    expect(warningsOf(ended)).toMatch(/config\.yaml:1:\d+: chain\[0\]\.(?:filter|redact)/);
    expect(warningsOf(ended)).toContain(said);
  },
);

test.each([
  { redact: { fields: ["requestHeader.Authorization", "requestHeader.Cookie"] } },
  { redact: { fields: ["tags[0].drives", "tags.*.drives", "**.password"] } },
  { redact: { detect: ["credentials"] } },
  { filter: { drop: 'api.name == "HeadObject" && api.statusCode == 200' } },
  { filter: { drop: "has(event.error)" } },
  { filter: { drop: 'event["log.level"] == "trace"' } },
  { filter: { keep: "api.ok" } },
  { set: { fields: { checked: true } }, when: "requestHeader.Host == remotehost" },
])("mistakes - %j is none, and is not warned of", async (step) => {
  const ended = await check(
    step,
    Array.from({ length: 3 }, () => mistaken_event),
  );
  expect(ended.status).toBe(0);
  expect(warningsOf(ended)).toBe("");
});

test("mistakes - a text without quotes is a key that no event has", async () => {
  const ended = await check({ filter: { drop: "api.name == GetObject" } });
  expect(warningsOf(ended)).toContain('a text is written "GetObject"');
});
