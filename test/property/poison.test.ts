/**
 * Batches with refused events against a model of Splunk that reads a request up to the first it does not take, and
 * says so in all its ways: every good event is taken once, every bad one withdrawn, in few requests.
 */
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Account } from "../../src/ledger/receipt.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { Batch } from "../../src/output/batch/batch.ts";
import { Delivered } from "../../src/output/delivered.ts";
import { Delivery } from "../../src/output/splunk-hec/delivery/delivery.ts";
import { EventEncoder } from "../../src/output/batch/envelope.ts";
import type {
  HecRequest,
  HecTransport,
  Outcome,
} from "../../src/output/splunk-hec/endpoints/hec-client.ts";
import { AckSupport } from "../../src/output/splunk-hec/endpoints/ack-support.ts";
import { splunkHecOptions } from "../../src/output/splunk-hec/options.ts";
import { noTotals } from "../../src/output/splunk-hec/delivery/status.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { CollectedLog } from "../support/collected-log.ts";
import { sampled } from "../support/effort.ts";
import { makeEvents } from "../support/events/events.ts";

interface Model {
  /** For each event of the batch, whether Splunk refuses it. */
  bad: boolean[];
  code: 5 | 6 | 12 | 13 | 15;
  /** The number that Splunk gives: the event's, or none, or nonsense. */
  number: "right" | "missing" | "negative" | "beyond" | "text";
  /** Whether Splunk has taken what stood before the event although it does not say so. */
  takes_silently: boolean;
  /** What one request may hold, in events; above it the answer is 413. */
  request_max: number;
  /** By number of the request: a busy time from an event on, or a break of the connection. */
  troubles: ({ busy_from: number } | "busy" | "reset" | undefined)[];
  /** Under gzip, the batch is kept as it is sent, and the parts of it come from there. */
  compression: "none" | "gzip";
}

const immediate: Clock = {
  now: () => 0,
  monotonic: () => 0,
  after: (_, callback) => {
    let cancelled = false;
    queueMicrotask(() => !cancelled && callback());
    return { cancel: () => (cancelled = true) };
  },
  sleep: () => Promise.resolve(),
};

class SplunkModel implements HecTransport {
  readonly taken: number[] = [];
  requests = 0;
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  request({ body }: HecRequest): Promise<Outcome> {
    const { code, number, takes_silently, request_max, troubles, compression } = this.#model;
    const plain = compression === "gzip" ? gunzipSync(body!) : body!;
    const lines = plain.toString().trimEnd().split("\n");
    const numbers = lines.map((line) => (JSON.parse(line) as { event: { n: number } }).event.n);
    const trouble = troubles[this.requests];
    this.requests += 1;
    if (trouble === "reset") {
      return Promise.resolve({ failure: { code: "ECONNRESET", message: "reset" } });
    }
    if (trouble === "busy") return this.#answer(503, { code: 9 });
    if (numbers.length > request_max) return this.#answer(413, {});
    const at = numbers.findIndex((each) => this.#model.bad[each]);
    if (trouble !== undefined && trouble.busy_from < (at === -1 ? numbers.length : at)) {
      this.taken.push(...numbers.slice(0, trouble.busy_from));
      return this.#answer(503, { code: 9, "invalid-event-number": trouble.busy_from });
    }
    if (at === -1) {
      this.taken.push(...numbers);
      return this.#answer(200, { code: 0 });
    }
    const named = number === "right" && code !== 5;
    if (named || takes_silently) this.taken.push(...numbers.slice(0, at));
    const said = { right: at, missing: undefined, negative: -1, beyond: numbers.length, text: "0" };
    return this.#answer(400, { code, "invalid-event-number": said[number] });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #answer(status: number, reply: object): Promise<Outcome> {
    const body = JSON.stringify({ text: "as Splunk says", ...reply });
    const answer = { status, content_type: "application/json", retry_after: undefined, body };
    return Promise.resolve({ answer });
  }
}

const options = splunkHecOptions.parse({
  url: "https://splunk",
  token: "t",
  ack: "off",
  max_in_flight: 1,
});

/** Sends one batch, and gives what Splunk took and what was refused, by number of the event. */
async function send(model: Model) {
  const ledger = new Ledger();
  const encoder = new EventEncoder();
  const splunk = new SplunkModel(model);
  const delivered = new Delivered(ledger.account("delivered", "splunk"), immediate);
  const quarantined: Account = ledger.account("quarantined", "refused");
  const refused: number[] = [];
  const log = new CollectedLog();
  const all = Promise.withResolvers<void>();
  const delivery = new Delivery(
    { ...options, compression: model.compression },
    {
      name: "splunk",
      encoder,
      delivered,
      totals: noTotals(),
      ack_support: new AckSupport(),
      quarantine: {
        addRefused: ({ receipt, encoded, offset }) => {
          const { n } = JSON.parse(encoder.decode(encoded).text) as { n: number };
          expect(offset).toBe(offsets[n]);
          refused.push(n);
          receipt.settle(quarantined, 1);
        },
      },
      clock: immediate,
      log,
      random: () => 0.5,
      connect: () => splunk,
      ledger,
      onProgress: () => undefined,
      // Another batch is filled in it.
      onCompressed: (buffer) => buffer.fill(0xff),
      onEnded: () => all.resolve(),
    },
  );
  const records = model.bad.map((_, n) => JSON.stringify({ n, filler: "x".repeat(n % 7) }));
  const batch = new Batch("/services/collector/event", undefined, Buffer.alloc(1024 * 1024));
  const middle = Math.floor(records.length / 3);
  const events = [
    ...makeEvents(ledger, records.slice(0, middle)),
    ...makeEvents(ledger, records.slice(middle)),
  ];
  const offsets = events.map(({ offset }) => offset);
  for (const event of events) expect(batch.add(event, encoder)).toBe(true);
  delivery.send(batch);
  await all.promise;
  return { splunk, refused, books: ledger.books() };
}

/** Numbers of the events that are bad, or that are not. */
function numbersOf({ bad }: Model, wanted: boolean): number[] {
  return bad.flatMap((each, number) => (each === wanted ? [number] : []));
}

const bad = fc.array(fc.boolean(), { minLength: 1, maxLength: 80 }).chain((events) =>
  fc.constantFrom(0, 1, 3, 9).map((rarity) => {
    // More than a few in a row would be taken for a fault of something else.
    return events.map((each, number) => each && number % (rarity + 1) === 0 && number % 16 > 0);
  }),
);
const trouble = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant("busy" as const) },
  { weight: 1, arbitrary: fc.constant("reset" as const) },
  { weight: 1, arbitrary: fc.nat(20).map((busy_from) => ({ busy_from })) },
);
const models: fc.Arbitrary<Model> = fc.record({
  bad,
  code: fc.constantFrom(5, 6, 12, 13, 15),
  number: fc.constantFrom("right", "missing", "negative", "beyond", "text"),
  takes_silently: fc.boolean(),
  request_max: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 40 })),
  troubles: fc.array(trouble, { maxLength: 30 }),
  compression: fc.constantFrom("none", "gzip"),
});

sampled(
  "poison - every good event is taken, every bad one withdrawn, and the books balance",
  { sample: 50, all: 4000 },
  async (runs) => {
    await fc.assert(
      fc.asyncProperty(models, async (model) => {
        const { splunk, refused, books } = await send(model);
        const good = numbersOf(model, false);
        expect(refused).toEqual(numbersOf(model, true));
        const named = model.number === "right" && model.code !== 5;
        // What was taken and not said to be can only come twice.
        if (named || !model.takes_silently) expect(splunk.taken).toEqual(good);
        else expect(new Set(splunk.taken)).toEqual(new Set(good));
        expect(books.balanced).toBe(true);
        expect(books.total).toMatchObject({
          delivered: good.length,
          quarantined: refused.length,
          in_flight: 0,
        });
      }),
      { numRuns: runs },
    );
  },
);

describe.each(["right", "missing"] as const)("number %s", (number) => {
  const name = `poison - one among many costs few requests, number ${number}`;
  sampled(name, { sample: 10, all: 500 }, async (runs) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1500 }), fc.nat(), async (events, seed) => {
        const at = seed % events;
        const model: Model = {
          bad: Array.from({ length: events }, (_, each) => each === at),
          code: 6,
          number,
          takes_silently: false,
          request_max: Infinity,
          troubles: [],
          compression: "none",
        };
        const { splunk, refused } = await send(model);
        expect(refused).toEqual([at]);
        const most = number === "right" ? 2 : Math.ceil(Math.log2(events)) + 1;
        expect(splunk.requests - 1).toBeLessThanOrEqual(most);
      }),
      { numRuns: runs },
    );
  });
});

test("poison - one among 1000 costs no more than 11 requests, wherever it stands", async () => {
  for (let at = 0; at < 1000; at += 37) {
    for (const number of ["right", "missing"] as const) {
      const { splunk, refused } = await send({
        bad: Array.from({ length: 1000 }, (_, each) => each === at),
        code: 13,
        number,
        takes_silently: false,
        request_max: Infinity,
        troubles: [],
        compression: "none",
      });
      expect(refused).toEqual([at]);
      expect(splunk.requests - 1).toBeLessThanOrEqual(11);
    }
  }
});
