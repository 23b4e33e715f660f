/**
 * What the text mask costs on the worst texts there are, counted in steps: ten times the text is at most twelve times the
 * work, and ordinary lines are far from the bound on it.
 *
 * The test looks for bad texts itself: it puts the words and signs of the mask's own grammar side by side, all pairs and
 * triples of them, repeated and nested, in text and in JSON. See test/support/secrets/mask-cost-search.ts.
 */
import { expect, test } from "vitest";
import { countedTextMask } from "../../../src/chain/masking/text-mask.ts";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";
import { sampled } from "../../support/effort.ts";
import {
  allSuspects,
  findBad,
  findSuspects,
  type Words,
} from "../../support/secrets/mask-cost-search.ts";
import { grammar, names } from "../../support/secrets/mask-grammar.ts";

const secrets = names.map((name) => ({ name, replacement: "***" }));
const mask = countedTextMask(secrets, "***");

/** Infinite where the bound was met. */
function stepsOf(text: string): number {
  const { steps, steps_max } = mask(text);
  return steps > steps_max ? Infinity : steps;
}

sampled(
  (every) => `text mask cost - words of the grammar, one in ${every}`,
  { sample: 60, all: 1 },
  async (every) => {
    const words = grammar.filter((_, number) => number % every === 0);
    expect(
      await findBad(
        stepsOf,
        words.flatMap((word) => allSuspects([word])),
      ),
    ).toEqual([]);
  },
);

/** `count` is how many of the worst are tried at 10 KB and 100 KB. */
sampled(
  ({ every }) => `text mask cost - pairs of the grammar, one in ${every}`,
  { sample: { every: 149, count: 5 }, all: { every: 1, count: 250 } },
  async ({ every, count }) => {
    const pairs = grammar.flatMap((one) => grammar.map((other) => [one, other]));
    const some = pairs.filter((_, number) => number % every === 0);
    expect(await findBad(stepsOf, await findSuspects(stepsOf, some, count))).toEqual([]);
  },
);

/**
 * Of so many triples one is tried. The number has no factor in common with that of the words, so that each pair of words
 * is tried in each place, with every 47th word as the third.
 */
sampled(
  ({ every }) => `text mask cost - triples of the grammar, one in ${every}`,
  { sample: { every: 2503, count: 5 }, all: { every: 47, count: 250 } },
  async ({ every, count }) => {
    const suspects = await findSuspects(stepsOf, triples(every), count);
    expect(await findBad(stepsOf, suspects)).toEqual([]);
  },
);

/** What the search has found, so that the sample finds it, too. */
test("text mask cost - texts that were bad once", async () => {
  const words_once_bad = [
    ["authorization", "\n ", "\r"],
    ["authorization", "\n", "\r"],
    ["password", "\n\t", "\r"],
    ["A1", "eyj", "“"],
    ["aEyJ"],
    ["no user/password was provided for basic authentication, client: 1.1, server: "],
    ["select password is null from a;\n"],
    ["update a set password = $1, token = $2, "],
  ];
  expect(await findBad(stepsOf, words_once_bad.flatMap(allSuspects))).toEqual([]);
});

function* triples(every: number): Generator<Words> {
  const { length } = grammar;
  for (let number = 0; number < length ** 3; number += every) {
    const [one, two] = [Math.floor(number / length ** 2), Math.floor(number / length) % length];
    yield [grammar[one]!, grammar[two]!, grammar[number % length]!];
  }
}

/** Lines as programs write them, with and without secrets. */
const ordinary: Record<string, string> = {
  "access log":
    '216.58.1.7 - - [21/Mar/2025:06:37:27 +0000] "GET /a?page=1&sort=name&token=abc HTTP/1.1" 200 612 "-" "Mozilla/5.0 (X11)"',
  "JSON line": wekaEvent(1),
  "JSON line, cut": wekaEvent(2).slice(0, -1),
  "JSON in JSON": JSON.stringify({ log: JSON.stringify({ log: wekaEvent(3) }) }),
  headers: `GET / HTTP/1.1\nHost: x\nCookie: a=b; c=d\nAuthorization: Bearer ${"abc".repeat(50)}\nAccept: */*\n`,
  sshd: "Mar 21 06:37:27 host sshd[1]: Failed password for root from 10.0.0.1 port 22 ssh2",
  logfmt: 'time=2025-03-21T06:37:27Z level=info msg="login of ann" password="a b" ip=10.0.0.1',
  coloured:
    "\u001b[36mINFO\u001b[0m[0001] login \u001b[36mpassword\u001b[0m=x \u001b[36muser\u001b[0m=ann",
  "stack trace": `Error: wrong password\n${"    at login (/srv/app/auth/token.js:10:5)\n".repeat(30)}`,
  "percent-encoded": `GET /?q=${"%22a%22%3A%221%22%2C".repeat(40)}&password=x HTTP/1.1`,
};

/** A quarter of what a text may cost: the bound is for what nobody has thought of. */
const share_max = 0.25;

test.each(Object.keys(ordinary))("text mask cost - %s is far from the bound", (name) => {
  for (const text of [ordinary[name]!, `${ordinary[name]!}\n`.repeat(200)]) {
    const { steps, steps_max } = mask(text);
    expect(steps).toBeLessThan(share_max * steps_max);
  }
});

test.each([
  ["token=S user=bob\n".repeat(50), /^token=\*\*\* user=bob\n.*[^*]\*\*\*$/s],
  [JSON.stringify(Array.from({ length: 50 }, () => "token=S")), /^"\*\*\*"$/],
])("text mask cost - when the work is spent, the rest is masked whole: %#", (text, expected) => {
  // Enough for the search, and for some of what it finds.
  const tight = countedTextMask(secrets, "***", (length) => length * 8);
  const { text: masked, steps, steps_max } = tight(text);
  expect(steps).toBeGreaterThan(steps_max);
  expect(masked).toMatch(expected);
  expect(masked).not.toContain("S");
});
