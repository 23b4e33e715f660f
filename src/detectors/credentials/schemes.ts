/** Authorization schemes (RFC 9110, 11) that are followed by one token, and the answer of Digest. */
import { alphabet, base64, blanks, hex, token } from "../contract/alphabet.ts";
import { anyCase, type Anchor, type Detector, type Found, type Way } from "../contract/detector.ts";
import { mayBeEscape, type Text } from "../contract/text.ts";
import { isKnownWord } from "../known-uses/known-uses.ts";

/** A scheme, with what stands between it and its token. */
function scheme(name: string): Anchor[] {
  return anyCase(`${name} `, `${name}\t`, `${name}%20`, `${name}+`);
}

/** `Bearer authentication failed` is a sentence: a short word of small letters is no token. */
const word_length_max = 19;
const token_length_min = 8;

type Judge = (text: Text, start: number, end: number) => boolean;

/** A scheme that is followed by a token of this alphabet, which is none where `isToken` says so. */
function schemeBefore(anchors: Anchor[], alphabet_of_token: Uint8Array, isToken: Judge): Way {
  const isLikely: Judge = (text, start, stop) =>
    stop - start >= token_length_min && isToken(text, start, stop);
  const look = (text: Text, at: number, end: number): Found | undefined => {
    if (!text.isWordStart(at)) return undefined;
    const start = text.runEnd(end, blanks);
    const stop = text.runEnd(start, alphabet_of_token);
    return isLikely(text, start, stop) ? { start, end: stop } : undefined;
  };
  const quick = (text: Text, _at: number, end: number): boolean => {
    if (mayBeEscape(text, end - 1)) return true;
    const start = text.runEnd(end, blanks);
    const stop = text.runEnd(start, alphabet_of_token);
    // Long ones are not judged here, so that many in one run cost little.
    const is_long = stop - start > word_length_max;
    return is_long || mayBeEscape(text, stop) || isLikely(text, start, stop);
  };
  return { anchors, look, quick };
}

/** How much of a token is looked at, to tell it from a word. */
const judged_length_max = 256;

function isUnlikeWord(text: Text, start: number, stop: number): boolean {
  if (stop - start > word_length_max) return true;
  const word = text.slice(start, stop);
  return /[0-9A-Z]/.test(word) && !isKnownWord(word);
}

/** `user:password` in base64; where it cannot be read, whatever does not look like a word. */
function isBasic(text: Text, start: number, stop: number): boolean {
  if (isAuthentication(text, start, stop)) return false;
  const encoded = text.slice(start, Math.min(stop, start + judged_length_max));
  const decoded = Buffer.from(encoded, "base64").toString("latin1");
  if (decoded.includes(":") && !/[^\t\r\n -\xff]/.test(decoded)) return true;
  return stop - start >= 16 && /[0-9]/.test(encoded) && /[A-Z]/.test(encoded);
}

const authentication = "authentication";

/** The word that follows `basic` where people write about it; as base64 it holds no colon. Quick. */
function isAuthentication(text: Text, start: number, stop: number): boolean {
  return stop - start === authentication.length && text.isExactly(start, authentication);
}

function isLong(text: Text, start: number, stop: number): boolean {
  const shown = text.slice(start, Math.min(stop, start + judged_length_max));
  return stop - start >= 16 && /[0-9A-Z]/.test(shown);
}

const guid_bytes = alphabet("0-9A-Za-z-");

/** A HEC token is a GUID as Splunk makes them; `Splunk <anything>` stands in sentences, too. */
function isGuid(text: Text, start: number, stop: number): boolean {
  return stop - start >= 32 && /^[0-9a-f-]{32}/i.test(text.slice(start, start + 36));
}

/** The answer to a challenge, from which a password can be guessed: `response="…"`. */
function digestAnswer(text: Text, at: number, end: number): Found | undefined {
  const quote = text.byte(end) === 0x5c ? 2 : text.byte(end) === 0x22 ? 1 : 0;
  const start = end + quote;
  const stop = text.runEnd(start, hex);
  return stop - start >= 32 && text.isWordStart(at) ? { start, end: stop } : undefined;
}

const group = "credentials";

export const schemes: readonly Detector[] = [
  {
    id: "bearer",
    group,
    finds: "the token behind `Bearer`",
    example: "Bearer xxxxxxxxxxxxxxxxxxxx",
    ways: [schemeBefore(scheme("bearer"), token, isUnlikeWord)],
  },
  {
    id: "basic",
    group,
    finds: "user and password behind `Basic`",
    example: "Basic xxxxxxxxxxxxxxxx",
    ways: [schemeBefore(scheme("basic"), base64, isBasic)],
  },
  {
    id: "digest",
    group,
    finds: "the `response` in `Digest`",
    example: 'Digest username="user", realm="r", response="xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"',
    keeps: "all parameters but `response`",
    ways: [{ anchors: anyCase("response="), look: digestAnswer }],
  },
  {
    id: "scheme",
    group,
    finds: "the token behind `Negotiate`, `NTLM`, `Kerberos`, `ApiKey`, `GenieKey` and `SSWS`",
    example: "Negotiate xxxxxxxxxxxxxxxxxxxx",
    ways: [
      schemeBefore(
        ["negotiate", "ntlm", "kerberos", "apikey", "api-key", "geniekey", "ssws"].flatMap(scheme),
        token,
        isLong,
      ),
    ],
  },
  {
    id: "splunk-hec",
    group,
    finds: "tokens of Splunk's HTTP Event Collector behind `Splunk`",
    example: "Splunk xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
    ways: [
      schemeBefore([...scheme("splunk"), ...anyCase('splunk "', 'splunk \\"')], guid_bytes, isGuid),
    ],
  },
];
