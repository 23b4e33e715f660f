/** Large events that the thread redacts become what they become where they are. */
import { expect, test } from "vitest";
import type { Chain } from "../../../../src/chain/chain.ts";
import { compileChain } from "../../../../src/chain/compile.ts";
import { Away } from "../../../../src/chain/large-events/large-events.ts";
import { large_bytes } from "../../../../src/event/record-bytes.ts";
import { redaction_thread } from "../../../../src/chain/large-events/redaction-thread.ts";
import { chainOptions } from "../../../../src/chain/options.ts";
import { loadPlugins } from "../../../../src/chain/plugins/load-plugins.ts";
import { Split } from "../../../../src/chain/split.ts";
import type { Records } from "../../../../src/event/block.ts";
import type { LogEvent } from "../../../../src/event/log-event.ts";
import { silentLogger } from "../../../../src/platform/log.ts";
import { makeEvent } from "../../../support/events/chains.ts";
import { long, sampledCases } from "../../../support/effort.ts";

const plugins = await loadPlugins();

function compile(steps: object[]): Promise<Chain> {
  return compileChain(chainOptions.parse(steps), plugins, { log: silentLogger });
}

/** What a chain makes of a record. */
interface Made {
  readonly text: string;
  readonly fields: unknown;
  readonly host: string | undefined;
  readonly source: string | undefined;
  readonly end: unknown;
}

function madeOf(event: LogEvent<Records>, end: unknown): Made {
  const { text, fields, host, source } = event;
  return { text, fields, host, source, end };
}

/** Its metadata hold a secret, too. */
function eventOf(chain: Chain, record: string | Buffer, fields: object): LogEvent<Records> {
  const event = makeEvent(record, chain.scanner);
  const [host, source] = ["h", "https://ann:S3CR3TPW1@example.com/"];
  return Object.assign(event, { fields, host, source });
}

function here(chain: Chain, record: string | Buffer, fields = {}): Made {
  const event = eventOf(chain, record, fields);
  return madeOf(event, chain.runHere(event));
}

/** The same by the thread; `times` says how often it was asked. */
async function away(
  chain: Chain,
  record: string | Buffer,
  fields = {},
): Promise<Made & { times: number }> {
  chain.large!.turnOn(chain.scanner);
  const event = eventOf(chain, record, fields);
  let times = 0;
  let end = chain.run(event);
  while (end instanceof Away) {
    times += 1;
    await end.settle();
    end = chain.run(event, end.step);
  }
  expect(end).not.toBeInstanceOf(Split);
  return { ...madeOf(event, end), times };
}

const filler = "x".repeat(large_bytes);
const records = {
  "a secret by path": JSON.stringify({ filler, password: "S3CR3TPW1", user: "ann" }),
  "secrets in text": JSON.stringify({ text: "password=S3CR3TPW1 ".repeat(3000) }),
  "encoded secrets": JSON.stringify({ text: "p=token%3DS3CR3TPW1&".repeat(2000) }),
  "JSON in a string": JSON.stringify({ text: JSON.stringify({ filler, password: "S3CR3TPW1" }) }),
  "nothing secret": JSON.stringify({ filler, user: "ann" }),
  "no JSON": `${filler} password=S3CR3TPW1`,
  "a string": JSON.stringify(`${filler} password=S3CR3TPW1`),
  "bytes that are not UTF-8": Buffer.from(
    `{"password":"S3CR3TPW1","filler":"${filler}\xff"}`,
    "latin1",
  ),
};
const options = { keys: ["password"], detect: ["credentials"], within: ["json", "url", "base64"] };
const actions = [
  { action: "mask", with: "[GONE]" },
  { action: "remove" },
  { action: "partial" },
  { action: "hash", key: "0123456789abcdef" },
  { action: "mask", on_unreadable: "text" },
  { action: "mask", on_unreadable: "drop" },
];

test.each(Object.entries(records))("large events - %s", long, async (_, record) => {
  for (const action of sampledCases(actions, 3)) {
    const redact = { ...options, ...action };
    const fields = { "x-password": "S3CR3TPW1", other: "S3CR3TPW2" };
    const expected = here(await compile([{ redact }]), record, fields);
    const { times, ...made } = await away(await compile([{ redact }]), record, fields);
    expect(made).toEqual(expected);
    expect(times).toBe(1);
  }
});

test("large events - are counted once by each step, and go on behind the one that was away", async () => {
  const chain = await compile([
    { set: { fields: { before: 1 } } },
    { redact: { keys: ["password"] } },
    { name: "never", when: 'event.user == "bob"', redact: { keys: ["user"] } },
    { name: "second", redact: { keys: ["user"] } },
    { name: "last", set: { fields: { behind: 2 } } },
  ]);
  const { text, times } = await away(chain, records["a secret by path"]);
  expect(JSON.parse(text)).toMatchObject({ before: 1, password: "[REDACTED]", behind: 2 });
  expect(times).toBe(2);
  expect(chain.events).toBe(1);
  expect(chain.steps.map(({ received }) => received)).toEqual([1, 1, 0, 1, 1]);
  expect(chain.steps.map(({ changed }) => changed)).toEqual([1, 1, 0, 1, 1]);
  // What was found there counts as found.
  expect(chain.steps[1]!.unmatched).toEqual([]);
});

test("large events - small ones are redacted where they are", async () => {
  const chain = await compile([{ redact: { keys: ["password"] } }]);
  const { times } = await away(chain, '{"password":"S3CR3TPW1"}');
  expect(times).toBe(0);
});

test("large events - are answered in the order in which they came, by one thread", async () => {
  const chain = await compile([{ redact: { keys: ["password"] } }]);
  const before = redaction_thread.started;
  const all = Array.from({ length: 20 }, (_, number) =>
    away(chain, JSON.stringify({ filler, number, password: "S3CR3TPW1" })),
  );
  const made = await Promise.all(all);
  const numbers = made.map(({ text }) => (JSON.parse(text) as { number: number }).number);
  expect(numbers).toEqual([...all.keys()]);
  expect(redaction_thread.started - before).toBeLessThanOrEqual(1);
});
