/**
 * Credentials that are known by their shape, whatever they are called: authorization schemes, signatures of
 * AWS and Azure, JSON web tokens, private keys, passwords in URLs.
 *
 * Key identifiers (AKIA…, Credential=…) are no secrets and stay. Each search goes over the text once.
 */
import { isWord, type Place, skipBlanks, type Span } from "./secret-value.ts";

/** What a token consists of, in folded text. It ends at the first character that is not in it. */
const token_characters = /[^\s"'`,;<>(){}[\]\\]/;
const jwt_characters = /[a-z0-9_.=-]/;

/** Authorization schemes (RFC 9110, 11) that are followed by one token. */
const schemes = ["bearer", "basic", "splunk", "negotiate", "ntlm", "apikey"];

/** Names after which a token stands, behind `=` or `:`. */
const token_names = ["signature", "sig", "x-amz-security-token"];

/** RFC 7519: a header that begins with `{"` in base64url. Shorter ones are hardly tokens that were cut. */
const jwt_start = "eyj";
const jwt_length_min = 16;

const pem_start = "-----begin ";
const pem_label_length_max = 64;

/** Where credentials stand in the text. `limitAt` says how far one that begins there can reach. */
export function findCredentials(place: Place, limitAt: (offset: number) => number): Span[] {
  const spans: Span[] = [];
  const { text } = place.folded;
  const add = (start: number, end: number): void => {
    if (end <= start) return;
    const from = place.folded.originalOffset(start);
    const limit = limitAt(from);
    const to = Math.min(place.folded.originalOffset(end), limit);
    // A number, say, that stands outside of strings: strict JSON is to stay strict JSON.
    const quoted = place.strict && limit === place.original.length;
    if (to > from) spans.push({ start: from, end: to, quoted });
  };
  for (const scheme of schemes) {
    forEach(text, scheme, (end) => {
      const start = skipBlanks(text, end);
      if (start > end) add(start, runEnd(text, start, token_characters));
      return start;
    });
  }
  forEach(text, "digest ", (end) => {
    const newline = text.indexOf("\n", end);
    add(end, newline < 0 ? text.length : newline);
    return newline < 0 ? text.length : newline;
  });
  for (const name of token_names) forEach(text, name, (end) => tokenAfterName(text, end, add));
  forEach(text, jwt_start, (end) => {
    const start = end - jwt_start.length;
    const finish = runEnd(text, end, jwt_characters);
    if (finish - start >= jwt_length_min || text.slice(end, finish).includes("."))
      add(start, finish);
    return finish;
  });
  forEach(text, pem_start, (end) => privateKey(text, end, add));
  forEach(text, "://", (end) => passwordInUrl(text, end, add));
  return spans;
}

type Add = (start: number, end: number) => void;

/** Calls `found` with the end of every occurrence, and goes on where it says. */
function forEach(text: string, search: string, found: (end: number) => number): void {
  let at = text.indexOf(search);
  while (at >= 0) {
    const end = at + search.length;
    at = text.indexOf(search, Math.max(end, found(end)));
  }
}

function tokenAfterName(text: string, end: number, add: Add): number {
  if (isWord(text, end)) return end;
  let start = end;
  let separators = 0;
  while (start < text.length && " \t\"'`:=".includes(text[start]!)) {
    if (text[start] === ":" || text[start] === "=") separators += 1;
    start += 1;
  }
  if (separators > 0) add(start, runEnd(text, start, token_characters));
  return start;
}

/** To the end of the key's last line, or of the text where there is none. */
function privateKey(text: string, end: number, add: Add): number {
  const label = text.slice(end, end + pem_label_length_max);
  if (!/^[a-z0-9 ]*private key/.test(label)) return end;
  const last = text.indexOf("-----end ", end);
  const finish = last < 0 ? -1 : text.indexOf("-----", last + pem_start.length);
  const stop = finish < 0 ? text.length : finish + "-----".length;
  add(end - pem_start.length, stop);
  return stop;
}

/** The `password` of scheme://user:password@host (RFC 3986, 3.2.1). */
function passwordInUrl(text: string, start: number, add: Add): number {
  const end = runEnd(text, start, /[^\s/?#"'`<>\\]/);
  const authority = text.slice(start, end);
  const host = authority.lastIndexOf("@");
  const colon = authority.indexOf(":");
  if (colon >= 0 && colon < host) add(start + colon + 1, start + host);
  return end;
}

function runEnd(text: string, start: number, characters: RegExp): number {
  let end = start;
  while (end < text.length && characters.test(text[end]!)) end += 1;
  return end;
}
