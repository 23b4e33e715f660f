/** JSON web tokens (RFC 7519): a header that begins with `{"` in base64url, and what is behind its dot. */
import { alphabet, base64url } from "../contract/alphabet.ts";
import type { Detector, Found } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";

const token = alphabet("A-Za-z0-9_.=-");
/** What stands before `eyJ` inside of other text in base64. */
const standard = new Set(Array.from("+/", (each) => each.charCodeAt(0)));
const header_length_min = 12;
/** How much of a header is decoded: `alg` is its first name, or one of the first. */
const decoded_length_max = 120;

function jwt(text: Text, at: number): Found | undefined {
  const stop = text.runEnd(at, token);
  const header_end = text.runEnd(at, base64url);
  if (header_end - at < header_length_min) return undefined;
  const is_dotted = text.byte(header_end) === dot && stop > header_end + 1;
  const is_start = text.isWordStart(at) && !standard.has(text.byte(at - 1));
  const found = { start: at, end: text.byte(stop - 1) === dot ? stop - 1 : stop };
  if (is_dotted) return is_start || isHeader(text, at, header_end) ? found : undefined;
  // A token that was cut. Other JSON in base64url, such as the `continue` of Kubernetes, is none; nor are random bytes in base64.
  return is_start && header_names.test(decodedHeader(text, at, header_end)) ? found : undefined;
}

const dot = 0x2e;

const header_names = /"(?:alg|typ|enc|kid|cty|jku|x5t)"\s*:/;

/** Also one that cannot be read. */
function isHeader(text: Text, at: number, end: number): boolean {
  const decoded = decodedHeader(text, at, end);
  return header_names.test(decoded) || !/^[\t\r\n -~]*$/.test(decoded);
}

function decodedHeader(text: Text, at: number, end: number): string {
  const length = Math.min(end - at, decoded_length_max) & ~3;
  return Buffer.from(text.slice(at, at + length), "base64url").toString("latin1");
}

export const json_web_token: Detector = {
  id: "jwt",
  group: "credentials",
  finds: "JSON web tokens, also ones whose header cannot be read",
  example: "eyJxxxxxxxxxxxx.eyJxxxxxxxxxxxx.xxxxxxxxxxxx",
  ways: [
    {
      anchors: [{ literal: "eyJ", exact: true, before: base64url }],
      look: jwt,
      quick: (text, at) => jwt(text, at) !== undefined,
    },
  ],
};
