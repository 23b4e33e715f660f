/** The password of `scheme://user:password@host` (RFC 3986, 3.2.1). */
import { allBut } from "../contract/alphabet.ts";
import { anyCase, type Detector, type Found } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";

const authority = allBut("\x00- \"'`<>\\/?#\x7f");
const [colon, at_sign, dollar, percent] = [0x3a, 0x40, 0x24, 0x25];

/** Where the user's part ends: at the last `@` of the authority. */
function passwordEnd(text: Text, end: number): number {
  const stop = text.runEnd(end, authority);
  return text.lastIndexOf(at_sign, end, stop);
}

function look(text: Text, _at: number, end: number): Found | undefined {
  const stop = passwordEnd(text, end);
  if (stop < 0) return undefined;
  const start = text.indexOf(colon, end, stop) + 1;
  if (start === 0 || start === stop) return undefined;
  return isTemplate(text, start, stop) ? undefined : { start, end: stop };
}

const source_length_max = 128;

/** What stands before `@tcp(` in the source names of Go's drivers: `user:password@tcp(host:3306)/db`. */
function lookBefore(text: Text, at: number): Found | undefined {
  let start = at;
  while (at - start < source_length_max && text.isAt(start - 1, authority)) start -= 1;
  text.steps += at - start;
  start = text.indexOf(colon, start, at) + 1;
  if (start === 0 || start === at) return undefined;
  return isTemplate(text, start, at) ? undefined : { start, end: at };
}

/** `${PASSWORD}` and `%(password)s` are places for a password. */
function isTemplate(text: Text, start: number, end: number): boolean {
  const first = text.byte(start);
  const shape = first === dollar ? /^\$(\{[\w.:-]+\}|[A-Z_]+)$/ : /^%\(\w+\)s$/;
  if (first !== dollar && first !== percent) return false;
  return end - start < 80 && shape.test(text.slice(start, end));
}

export const url_password: Detector = {
  id: "url-password",
  group: "credentials",
  finds: "the password in a URL, and in the data source name (DSN) of a database",
  example: "https://user:xxxxxxxx@host/path",
  ways: [
    {
      anchors: [{ literal: "://", exact: true, before: authority }],
      look,
      quick: (text, at, end) => look(text, at, end) !== undefined,
    },
    { anchors: anyCase("@tcp(", "@unix("), look: lookBefore },
  ],
};
