/** The picture of the flow: nothing overlaps or leaves it, at any width, with few parts or very many. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Flow, flowOf } from "../../../src/page/model/flow.ts";
import { layoutFlow, type Placed } from "../../../src/page/model/flow-layout.ts";
import { Rates } from "../../../src/page/model/rates.ts";
import { closeBooks, emptyBooks } from "../../../src/ledger/books.ts";
import { inputStatus, outputReport, stepStatus } from "../../support/reports/status.ts";
import { summaryOf } from "../../support/reports/summary.ts";

interface Numbers {
  readonly inputs: number;
  readonly own: number;
  readonly steps: number;
  readonly outputs: number;
}

function flow({ inputs, own, steps, outputs }: Numbers): Flow {
  const names = Array.from({ length: inputs }, (_, number) => `input_${number}`);
  const delivered = Object.fromEntries(
    Array.from({ length: outputs }, (_, to) => [`out_${to}`, 1]),
  );
  const summary = summaryOf({
    inputs: names.map((name, at) =>
      inputStatus(name, {
        chain: at < own ? "own" : "common",
        steps: Array.from({ length: steps }, (_, step) => stepStatus(`step_${step}`)),
      }),
    ),
    outputs: Object.keys(delivered).map((name) => outputReport(name)),
    books: closeBooks(
      Object.fromEntries(
        names.map((name) => [
          name,
          { ...emptyBooks(), received: outputs, delivered, in_flight: 0 },
        ]),
      ),
    ),
  });
  return flowOf(summary, Rates.after(summary, undefined));
}

function overlap(one: Placed, other: Placed): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

test("flow - 30 inputs are drawn as a few, and the rest as one box", () => {
  const { inputs, links } = flow({ inputs: 30, own: 0, steps: 2, outputs: 1 });
  expect(inputs).toHaveLength(7);
  expect(inputs.at(-1)!.title).toBe("24 more inputs");
  expect(links.some(({ from, to }) => from === inputs.at(-1)!.id && to === "chain chain")).toBe(
    true,
  );
});

test("flow - many chains, steps and outputs end in a box for the rest", () => {
  const { chains, outputs } = flow({ inputs: 20, own: 9, steps: 20, outputs: 12 });
  expect(chains.map(({ title }) => title).at(-1)).toBe("7 more chains");
  expect(chains[0]!.steps.at(-1)!.title).toBe("13 more steps");
  expect(outputs.at(-1)!.title).toBe("6 more outputs");
});

test("flow - nothing overlaps, nothing leaves the picture, and every line leads from a box to a box", () => {
  const numbers = fc.record({
    inputs: fc.integer({ min: 1, max: 60 }),
    own: fc.integer({ min: 0, max: 20 }),
    steps: fc.integer({ min: 0, max: 20 }),
    outputs: fc.integer({ min: 1, max: 20 }),
  });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 320, max: 1700 }), (these, width) => {
      const drawn = flow(these);
      const { boxes, chains, height, links } = layoutFlow(drawn, width);
      const placed = [...boxes, ...chains];
      for (const [at, one] of placed.entries()) {
        expect(one.x >= 0 && one.x + one.width <= width + 1e-6).toBe(true);
        expect(one.y >= -1e-6 && one.y + one.height <= height + 1e-6).toBe(true);
        for (const other of placed.slice(at + 1)) expect(overlap(one, other)).toBe(false);
      }
      if (width >= 700) expect(links).toHaveLength(drawn.links.length);
      expect(links.every(({ d }) => !d.includes("NaN"))).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test("flow - an output that does not send is marked, and its line is broken", () => {
  const summary = summaryOf({
    outputs: [outputReport("splunk", { state: "blocked", reason: "index" })],
  });
  const { outputs, links } = flowOf(summary, Rates.after(summary, undefined));
  expect(outputs).toMatchObject([{ level: "bad", line: "blocked: index" }]);
  expect(links.find(({ to }) => to === "out splunk")!.is_held).toBe(true);
});
