/**
 * Headers in a text whose value is secret to its end: Authorization, and cookies, of which the names are kept. The values of
 * such headers in JSON are known by their keys, and what of them is secret is the same.
 */
import { allBut, blanks, line } from "../contract/alphabet.ts";
import { assigned, of_any, valueBehind } from "../contract/assignment.ts";
import type { Part } from "../contract/detection.ts";
import type { Detector, Found } from "../contract/detector.ts";
import { Text } from "../contract/text.ts";
import { isKeptValue } from "../keys/key-rule.ts";

const scheme_name = allBut('\x00- ",=:\x7f');
const cookie_name = allBut('\x00- "=;,\x7f');
const cookie_value = allBut("; \t\r\n");
const [equals, semicolon, comma] = [0x3d, 0x3b, 0x2c];

/** What of an Authorization header authenticates: all behind its scheme; of AWS, the signature. */
export function authorizationSecret(text: Text, start: number, end: number): Part[] | undefined {
  const name_end = Math.min(text.runEnd(start, scheme_name), end);
  const name = text.slice(start, Math.min(name_end, start + 32)).toLowerCase();
  if (name === "aws" || name.startsWith("aws4-")) return awsSecret(text, name_end, end);
  const from = Math.min(text.runEnd(name_end, blanks), end);
  // Without a scheme all of it is the token.
  return from === name_end || from === end ? undefined : [{ start: from, end }];
}

/** Behind `Signature=` in version 4, behind the colon in version 2; all where there is none of them. */
function awsSecret(text: Text, from: number, end: number): Part[] | undefined {
  const shown = text.slice(from, Math.min(end, from + 1024));
  const match = /Signature=|^[ \t]+\w{3,128}:/i.exec(shown);
  if (match === null) return isIdentity(shown) ? [] : undefined;
  return [{ start: from + match.index + match[0].length, end }];
}

/** A header that was cut before its signature has nothing that authenticates. */
function isIdentity(shown: string): boolean {
  return /^[ \t]+Credential=/i.test(shown);
}

/** The values of cookies; of what sets one, not its attributes. */
export function cookieSecret(text: Text, start: number, end: number): Part[] | undefined {
  const parts: Part[] = [];
  for (let at = start; at < end;) {
    const from = text.runEnd(at, blanks);
    const name_end = Math.min(text.runEnd(from, cookie_name), end);
    const has_name = text.byte(name_end) === equals && name_end < end;
    const value_start = has_name ? name_end + 1 : from;
    const value_end = Math.min(text.runEnd(value_start, cookie_value), end);
    const is_secret = value_end > value_start && !isAttribute(text, from, value_end);
    if (is_secret) parts.push({ start: value_start, end: value_end });
    at = Math.max(value_end, from) + 1;
    while (at < end && (text.byte(at) === semicolon || text.byte(at) === comma)) at += 1;
  }
  return parts.length === 0 ? undefined : parts;
}

const attribute = new RegExp(
  [
    "^(?:(?:path|domain|expires|max-age|samesite|priority)=|(?:",
    // The parts of a date behind `Expires=`, which are no names with values.
    String.raw`secure|httponly|partitioned|gmt|utc|\d\d(?:-[a-z]{3}-\d{2,4})?|\d{4}|\d\d:\d\d:\d\d`,
    "|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)$)",
  ].join(""),
  "i",
);

function isAttribute(text: Text, start: number, end: number): boolean {
  return attribute.test(text.slice(start, Math.min(end, start + 32)));
}

type SecretOf = (text: Text, start: number, end: number) => Part[] | undefined;

function lookWith(secretOf: SecretOf) {
  return (text: Text, at: number, end: number): Found | undefined => {
    // A line that repeats the header's name is walked through once.
    if (text.endAround(secretOf, at) >= 0 || !text.isWordStart(at)) return undefined;
    const value = valueBehind(text, end, true);
    if (value === undefined) return undefined;
    const { start } = value;
    const stop = withoutBlanks(text, start, Math.min(value.end, text.runEnd(start, line)));
    const shown = text.slice(start, Math.min(stop, start + 129));
    if (stop === start || isKeptValue(shown)) return undefined;
    const secret = secretOf(text, start, stop);
    if (secret !== undefined && secret.length === 0) return undefined;
    text.remember(secretOf, secret?.[0]?.start ?? start, stop);
    return secret === undefined ? { start, end: stop } : { start, end: stop, secret };
  };
}

function withoutBlanks(text: Text, start: number, end: number): number {
  let stop = end;
  while (stop > start && blanks[text.byte(stop - 1)] === 1) stop -= 1;
  text.steps += end - stop;
  return stop;
}

export const headers: readonly Detector[] = [
  {
    id: "authorization",
    group: "credentials",
    finds: "the value of an Authorization header, whatever its scheme",
    example: "Authorization: Custom xxxxxxxxxxxx",
    keeps: "the scheme; of AWS also Credential and SignedHeaders",
    ways: [{ anchors: assigned(["authorization"], of_any), look: lookWith(authorizationSecret) }],
  },
  {
    id: "cookie",
    group: "credentials",
    finds: "the values of cookies in Cookie and Set-Cookie",
    example: "Cookie: session=xxxxxxxx; theme=xxxx",
    keeps: "the names of the cookies",
    ways: [
      {
        anchors: assigned(
          ["cookie", "set-cookie"],
          of_any.filter((each) => !each.endsWith("=")),
        ),
        look: lookWith(cookieSecret),
      },
    ],
  },
];

/** The same of a value alone, for what is known by its key. */
export function secretParts(
  secretOf: SecretOf,
): (bytes: Buffer, start: number, end: number) => readonly Part[] | undefined {
  return (bytes, start, end) => secretOf(new Text(bytes, start, end), start, end);
}
