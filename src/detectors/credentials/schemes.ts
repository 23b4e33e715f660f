/** Authorization schemes (RFC 9110, 11) that are followed by one token, and the answer of Digest. */
import { alphabet, base64, blanks, hex, token } from "../contract/alphabet.ts";
import { anyCase, type Anchor, type Detector, type Found } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";
import { isKnownWord } from "../known-uses/known-uses.ts";

/** A scheme, with what stands between it and its token. */
function scheme(name: string): Anchor[] {
  return anyCase(`${name} `, `${name}\t`, `${name}%20`, `${name}+`);
}

/** `Bearer authentication failed` is a sentence: a short word of small letters is no token. */
const word_length_max = 19;
const token_length_min = 8;

type Judge = (text: Text, start: number, end: number) => boolean;

function tokenBehind(alphabet_of_token: Uint8Array, isToken: Judge) {
  return (text: Text, at: number, end: number): Found | undefined => {
    if (!text.isWordStart(at)) return undefined;
    const start = text.runEnd(end, blanks);
    const stop = text.runEnd(start, alphabet_of_token);
    if (stop - start < token_length_min || !isToken(text, start, stop)) return undefined;
    return { start, end: stop };
  };
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
  const encoded = text.slice(start, Math.min(stop, start + judged_length_max));
  const decoded = Buffer.from(encoded, "base64").toString("latin1");
  if (decoded.includes(":") && !/[^\t\r\n -\xff]/.test(decoded)) return true;
  return stop - start >= 16 && /[0-9]/.test(encoded) && /[A-Z]/.test(encoded);
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
    ways: [{ anchors: scheme("bearer"), look: tokenBehind(token, isUnlikeWord) }],
  },
  {
    id: "basic",
    group,
    finds: "user and password behind `Basic`",
    example: "Basic xxxxxxxxxxxxxxxx",
    ways: [{ anchors: scheme("basic"), look: tokenBehind(base64, isBasic) }],
  },
  {
    id: "digest",
    group,
    finds: "the answer in `Digest`",
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
      {
        anchors: ["negotiate", "ntlm", "kerberos", "apikey", "api-key", "geniekey", "ssws"].flatMap(
          scheme,
        ),
        look: tokenBehind(token, isLong),
      },
    ],
  },
  {
    id: "splunk-hec",
    group,
    finds: "tokens of Splunk's HTTP Event Collector behind `Splunk`",
    example: "Splunk xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
    ways: [
      {
        anchors: [...scheme("splunk"), ...anyCase('splunk "', 'splunk \\"')],
        look: (text, at, end) => tokenBehind(guid_bytes, isGuid)(text, at, end),
      },
    ],
  },
];
