/** E-mail addresses: what stands around an `@`, with a domain that has a dot. */
import { allBut, alphabet } from "../contract/alphabet.ts";
import type { Detector, Found } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";

/** Letters of any script: bytes beyond ASCII are parts of such. */
const local = allBut("\x00- \"'(),:;<>@[\\]`{|}=&?/\x7f");
const domain = alphabet("A-Za-z0-9.\x80-\xff-");
const at_sign = 0x40;

function sweep(text: Text): Found[] {
  const found: Found[] = [];
  for (
    let at = text.indexOf(at_sign, text.start, text.end);
    at >= 0;
    at = text.indexOf(at_sign, at + 1, text.end)
  ) {
    const start = text.runStart(at, local);
    const stop = withoutDots(text, at + 1, text.runEnd(at + 1, domain));
    if (start === at || !hasTopLevel(text, at + 1, stop)) continue;
    found.push({ start, end: stop });
  }
  return found;
}

function withoutDots(text: Text, start: number, end: number): number {
  let stop = end;
  while (stop > start && (text.byte(stop - 1) === 0x2e || text.byte(stop - 1) === 0x2d)) stop -= 1;
  return stop;
}

/** No top-level domain is longer than a label, and none is all digits. */
function hasTopLevel(text: Text, start: number, end: number): boolean {
  const from = Math.max(start, end - 64);
  return /\.(?:[A-Za-z]{2,63}|[A-Za-z0-9-]*[\x80-\xff][^.]*|xn--[a-z0-9-]+)$/i.test(
    text.slice(from, end),
  );
}

export const email: Detector = {
  id: "email",
  group: "personal",
  finds: "e-mail addresses",
  example: "xxx.xxxx@xxxxxxx.com",
  ways: [],
  sweep,
};
