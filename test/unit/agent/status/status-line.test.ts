/** The line that `systemctl status` shows. */
import { expect, test } from "vitest";
import { statusLine } from "../../../../src/agent/status/status-line.ts";
import { closeBooks, emptyBooks } from "../../../../src/ledger/books.ts";
import type { OutputCondition } from "../../../../src/output/output.ts";

const sending: OutputCondition = { state: "sending", reason: undefined, since: undefined };
const since = "2025-03-21T14:02:11.000Z";
const paused: OutputCondition = { state: "paused", reason: "token_rejected", since };

function booksWith(counts: { received: number; delivered?: number; quarantined?: number }) {
  const { received, delivered = 0, quarantined = 0 } = counts;
  const in_flight = received - delivered - quarantined;
  const by_reason = { delivered: { splunk: delivered }, quarantined: { redact: quarantined } };
  return closeBooks({ audit: { ...emptyBooks(), received, ...by_reason, in_flight } });
}

test.each([
  [
    "all is well",
    [["splunk", sending]] as const,
    { received: 1000, delivered: 990 },
    { events_per_s: 123.4, still_ms: 0 },
    "splunk: sending, 123 events/s, received 1000, in flight 10",
  ],
  [
    "one of two outputs is down",
    [
      ["splunk", paused],
      ["archive", sending],
    ] as const,
    { received: 5, delivered: 1, quarantined: 1 },
    { events_per_s: 0, still_ms: 59_999 },
    `splunk: paused since ${since} (token_rejected), archive: sending, 0 events/s, received 5, in flight 3, quarantined 1`,
  ],
  [
    "no progress for long",
    [["splunk", sending]] as const,
    { received: 1 },
    { events_per_s: 0, still_ms: 150_000 },
    "splunk: sending, 0 events/s, received 1, in flight 1, no progress for 2 min",
  ],
  [
    "nothing is there to move",
    [["splunk", sending]] as const,
    { received: 1, delivered: 1 },
    { events_per_s: 0, still_ms: 150_000 },
    "splunk: sending, 0 events/s, received 1, in flight 0",
  ],
])("status line - where %s", (_what, outputs, counts, movement, expected) => {
  const status = {
    books: booksWith(counts),
    outputs: new Map(outputs),
    digest: "",
    reload: undefined,
  };
  expect(statusLine(status, movement)).toBe(expected);
});

test("status line - tells of a reload that was refused, and not of one that was applied", () => {
  const before = { books: booksWith({ received: 0 }), outputs: new Map(), digest: "" };
  const done = { at: "2026-03-01T14:02:00.000Z", previous_digest: "", digest: "" };
  const refusal = { code: "config_invalid", message: "", complaints: [] } as const;
  const movement = { events_per_s: 0, still_ms: 0 };
  expect(statusLine({ ...before, reload: { ...done, refusal } }, movement)).toMatch(
    /in flight 0, reload refused at 2026-03-01T14:02:00.000Z \(config_invalid; the log says why\)$/,
  );
  expect(statusLine({ ...before, reload: { ...done, refusal: undefined } }, movement)).toMatch(
    /in flight 0$/,
  );
});

test("status line - stays one line of bounded length, whatever outputs are called", () => {
  const outputs = new Map(
    Array.from({ length: 100 }, (_unused, number) => [`a\nREADY=1\0${number}`, paused] as const),
  );
  const line = statusLine(
    { books: booksWith({ received: 0 }), outputs, digest: "", reload: undefined },
    { events_per_s: 0, still_ms: 0 },
  );
  expect(line).toContain("a\\x0aREADY=1\\x00");
  // oxlint-disable-next-line no-control-regex
  expect(line).not.toMatch(/[\x00-\x1f]/);
  expect(line.length).toBeLessThanOrEqual(1000);
});
