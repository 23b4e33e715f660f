/**
 * What the text mask costs on the worst texts there are, counted in steps: ten times the text is at most twelve times the
 * work, and ordinary lines are far from the bound on it.
 *
 * The test looks for bad texts itself: it puts the words and signs of the mask's own grammar side by side, all pairs of
 * them and a sample of the triples, repeated and nested, in text and in JSON. `TALLYMAN_TRIPLES=all` tries all triples,
 * which takes hours; another number tries as many.
 */
import { expect, test } from "vitest";
import { countedTextMask } from "../../src/chain/masking/text-mask.ts";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { seededRandom } from "../support/hostile-lines.ts";
import { grammar, names } from "../support/mask-grammar.ts";

/** Hundreds of megabytes are masked on a machine that may do other things. */
const many_ms = 300_000;

const secrets = names.map((name) => ({ name, replacement: "***" }));
const mask = countedTextMask(secrets, "***");

/** Ways to make a text of some length from a few words of the grammar. */
const ways: Record<string, (words: readonly string[], length: number) => string> = {
  repeated: (words, length) => repeat(words.join(""), length),
  nested: (words, length) => words.map((word) => repeat(word, length / words.length)).join(""),
  "first once": ([first = "", ...others], length) => first + repeat(others.join(""), length),
  "last once": (words, length) => repeat(words.slice(0, -1).join(""), length) + words.at(-1),
  "in a string": (words, length) => JSON.stringify({ a: repeat(words.join(""), length) }),
  "in strings": (words, length) => {
    const string = JSON.stringify(words.join(""));
    return `[${repeat(`${string},`, length)}""]`;
  },
};

function repeat(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / Math.max(1, unit.length)));
}

/** Infinite where the bound was met. */
function stepsOf(text: string): number {
  const { steps, steps_max } = mask(text);
  return steps > steps_max ? Infinity : steps;
}

/** The ways in which the words cost more than twelve times the work at ten times the length. */
function findBad(words: readonly string[], length: number): string[] {
  const possible = Object.entries(ways).filter(
    ([way]) => words.length > 1 || !way.includes("once"),
  );
  return possible.flatMap(([way, make]) => {
    const [short, long] = [make(words, length), make(words, 10 * length)];
    const growth = long.length / short.length;
    const ratio = stepsOf(long) / stepsOf(short);
    return ratio <= 1.2 * growth ? [] : [`${way}: ${JSON.stringify(words)}: ${ratio.toFixed(1)}`];
  });
}

test("text mask cost - each word of the grammar, at 10 KB and 100 KB", { timeout: many_ms }, () => {
  expect(grammar.flatMap((word) => findBad([word], 10_000))).toEqual([]);
});

test(
  "text mask cost - all pairs of the grammar, at 200 and 2,000 bytes",
  { timeout: many_ms },
  () => {
    const pairs = grammar.flatMap((one) => grammar.map((other) => [one, other]));
    expect(pairs.flatMap((pair) => findBad(pair, 200))).toEqual([]);
  },
);

/** At 10 KB and 100 KB, as many as take a few seconds; always the same ones. */
test("text mask cost - a sample of the triples of the grammar", { timeout: 0 }, () => {
  const wanted = process.env["TALLYMAN_TRIPLES"] ?? "60";
  const bad = wanted === "all" ? badTriples() : badSample(Number(wanted));
  expect(bad).toEqual([]);
});

function badTriples(): string[] {
  return grammar.flatMap((one) =>
    grammar.flatMap((two) => grammar.flatMap((three) => findBad([one, two, three], 200))),
  );
}

function badSample(count: number): string[] {
  const random = seededRandom(20_250_321);
  const pick = (): string => grammar[Math.floor(random() * grammar.length)]!;
  const triples = Array.from({ length: count }, () => [pick(), pick(), pick()]);
  return triples.flatMap((triple) => findBad(triple, 10_000));
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
  // Enough for all searches, and for some of what they find.
  const tight = countedTextMask(secrets, "***", (length, words) => length * (words + 5));
  const { text: masked, steps, steps_max } = tight(text);
  expect(steps).toBeGreaterThan(steps_max);
  expect(masked).toMatch(expected);
  expect(masked).not.toContain("S");
});
