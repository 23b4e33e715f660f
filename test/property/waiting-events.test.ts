/**
 * Random events that went through one chain and wait while another adds redact steps: no planted secret is left, what is JSON
 * stays it, all other bytes are untouched, and doing it twice changes nothing.
 */
import fc from "fast-check";
import { expect } from "vitest";
import type { Redaction } from "../../src/agent/redaction/redaction.ts";
import { sampled } from "../support/effort.ts";
import { blockOf, redactionOf, textsOf } from "../support/events/waiting.ts";

const secret = ["pl4nted", "s3cret"].join("-");
const names = ["password", "token", "user", "n"];

const value = fc.oneof(
  fc.constant(JSON.stringify(secret)),
  fc.constant("12345678901234567890"),
  fc.string({ maxLength: 5 }).map((text) => JSON.stringify(text)),
  fc.constant(`{ "deep": "x", "password":${JSON.stringify(secret)} }`),
  fc.constant(JSON.stringify(JSON.stringify({ token: secret }))),
);
/** Members with blanks between them, some of whose values are secrets. */
const member = fc
  .tuple(fc.constantFrom(...names), fc.constantFrom("", " "), value)
  .map(([name, blank, text]) => `"${name}"${blank}:${text}`);
const event = fc.array(member, { maxLength: 5 }).map((members) => `{${members.join(", ")}}`);
const action = fc.constantFrom("mask", "hash", "remove");
const former = fc.array(fc.tuple(fc.subarray(names, { minLength: 1 }), action), { maxLength: 2 });

/** Rule sets that were compiled already, since that takes longest. */
const compiled = new Map<string, Promise<Redaction>>();

async function ready(chain: unknown[]): Promise<Redaction> {
  const key = JSON.stringify(chain);
  const redaction = await (compiled.get(key) ?? compiled.set(key, redactionOf(chain)).get(key)!);
  await redaction.prepare();
  return redaction;
}

function stepOf([keys, how]: [string[], string]): unknown {
  const key = how === "hash" ? { key: "0123456789abcdef" } : {};
  return { redact: { keys, action: how, ...key } };
}

sampled(
  "waiting events - the new redact steps leave no secret of theirs, valid JSON and all other bytes",
  { sample: 10, all: 600 },
  async (numRuns) => {
    const property = fc.asyncProperty(
      fc.array(event, { minLength: 1, maxLength: 3 }),
      former,
      action,
      async (events, before, how) => {
        const old = await ready(before.map((each) => stepOf(each)));
        const next = await ready([
          ...before.map((each) => stepOf(each)),
          stepOf([["password", "token", "user"], how]),
        ]);
        const waiting = textsOf(old.redact(blockOf(events), () => "").block);
        const given = textsOf(next.redact(blockOf(waiting), () => old.steps).block);
        // The same, byte for byte, as if the new chain had been there from the beginning.
        expect(given).toEqual(textsOf(next.redact(blockOf(events), () => "").block));
        for (const [number, text] of given.entries()) {
          const { n: _, ...others } = JSON.parse(text) as Record<string, unknown>;
          expect(JSON.stringify(others)).not.toContain(secret);
          if (!/password|token|user/.test(waiting[number]!)) expect(text).toBe(waiting[number]);
        }
        // From the beginning, as after a restart with a journal of an older version.
        const twice = textsOf(next.redact(blockOf(given), () => "").block);
        const kept = before.every(([, each]) => each === how);
        if (kept) expect(twice).toEqual(given);
      },
    );
    await fc.assert(property, { numRuns });
  },
);
