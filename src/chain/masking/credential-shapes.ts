/**
 * Credentials that are known by their shape, whatever they are called: authorization schemes, signatures of
 * AWS and Azure, JSON web tokens, passwords in URLs, of database users and on the command line of curl.
 *
 * Key identifiers (AKIA…, Credential=…) are no secrets and stay. Each search looks at what is behind its word only.
 */
import { blanks, continuesName, isQuote } from "./characters.ts";
import { type Ahead, Runs } from "./forward-search.ts";
import { isKnownWord } from "../../detectors/known-uses/known-uses.ts";
import type { Work } from "./mask-work.ts";

/** Where a credential is in the folded text. */
export interface Credential {
  readonly start: number;
  readonly end: number;
}

/** The folded text in which credentials are looked for. */
export interface ShapeText {
  readonly text: string;
  readonly work: Work;
  readonly ahead: Ahead;
  readonly blanks: Runs;
  readonly assignments: Runs;
}

/** A word, and what is secret where it is. */
export interface Shape {
  readonly word: string;
  readonly find: (where: ShapeText, start: number, end: number) => Credential | undefined;
  /** Whether the word is no such credential for certain, as it is written there. */
  readonly isOther?: (original: string, at: number) => boolean;
}

/** A text, ready for all shapes. */
export function shapeText(text: string, ahead: Ahead, work: Work): ShapeText {
  return {
    text,
    work,
    ahead,
    blanks: new Runs(text, blanks, work),
    assignments: new Runs(text, " \t\"'`:=", work),
  };
}

/** What a token consists of, in folded text. It ends at the first character that is not in it. */
const token = /[^\s"'`,;<>(){}[\]\\]*/y;
const jwt = /[a-z0-9_.=-]*/y;
const authority = /[^\s/?#"'`<>\\]*/y;
const user_word = /[^\s"'`=]*/y;

function runEnd({ text, work }: ShapeText, start: number, run: RegExp): number {
  run.lastIndex = start;
  run.test(text);
  const end = Math.max(run.lastIndex, start);
  work.spend(end - start + 1);
  return end;
}

/** Authorization schemes (RFC 9110, 11) that are followed by one token. */
const schemes = ["basic", "splunk", "negotiate", "ntlm", "apikey"];

function tokenOfScheme(where: ShapeText, at: number, end: number): Credential | undefined {
  const start = where.blanks.end(end);
  if (start === end) return undefined;
  const finish = runEnd(where, start, token);
  const isWord = isKnownWord(where.text.slice(start, finish), where.text.slice(at, end));
  return isWord ? undefined : { start, end: finish };
}

/** Digest is followed by a list. */
function digest(
  { ahead, blanks: runs }: ShapeText,
  _start: number,
  end: number,
): Credential | undefined {
  const start = runs.end(end);
  return start > end ? { start, end: ahead.next("\n", start) } : undefined;
}

/** Names after which a token is, behind `=` or `:`. */
const token_names = ["sig", "x-amz-security-token"];

function tokenOfName(where: ShapeText, start: number, word_end: number): Credential | undefined {
  const isLong = where.text.startsWith("nature", word_end);
  return tokenAssigned(where, start, isLong ? word_end + "nature".length : word_end);
}

/** Clients that were set up wrong write the colon of a header behind this scheme, too. */
function bearer(where: ShapeText, start: number, end: number): Credential | undefined {
  return tokenOfScheme(where, start, end) ?? tokenAssigned(where, start, end);
}

function tokenAssigned(where: ShapeText, _start: number, end: number): Credential | undefined {
  const { text } = where;
  if (continuesName(text, end)) return undefined;
  const start = where.assignments.end(end);
  if (!/[:=]/.test(text.slice(end, start))) return undefined;
  return { start, end: runEnd(where, start, token) };
}

/** RFC 7519: a header that begins with `{"` in base64url. Shorter ones are hardly tokens that were cut. */
const jwt_length_min = 16;
const token_start = "eyJ";
const written_max = 64;
const fingerprint = /sha256:[a-z\d+/]{43}(?=[\s"',;)\]]|$)/iy;
const fingerprint_max = 50;

/** How much work it is to tell a word from other ones. */
export const other_word_steps = written_max + 2 * fingerprint_max;

/** How much of what a header decodes to is looked at. */
const header_length = 12;

/**
 * Whether the word is part of another run of base64, such as a fingerprint of OpenSSH. A token begins with `eyJ`, in this case.
 * One whose case was changed as a whole has one case, and one whose first letter was made a capital can still be decoded.
 */
function isOtherBase64(original: string, at: number): boolean {
  const written = original.slice(at, at + written_max).split(/[^\w+/-]/, 1)[0]!;
  if (written.startsWith(token_start)) return isInFingerprint(original, at);
  const isPlain = written.toLowerCase().startsWith(token_start.toLowerCase());
  if (!isPlain || !/[a-z]/.test(written) || !/[A-Z]/.test(written)) return false;
  const header = Buffer.from(token_start + written.slice(token_start.length), "base64");
  return /[^ -~]/.test(header.toString("latin1", 0, header_length));
}

function isInFingerprint(original: string, at: number): boolean {
  const before = original.slice(Math.max(0, at - fingerprint_max), at);
  const begin = before.toLowerCase().lastIndexOf("sha256:");
  if (begin < 0) return false;
  fingerprint.lastIndex = at - before.length + begin;
  return fingerprint.test(original) && fingerprint.lastIndex > at;
}

function webToken(where: ShapeText, start: number, end: number): Credential | undefined {
  const finish = runEnd(where, end, jwt);
  const isToken = finish - start >= jwt_length_min || where.text.slice(end, finish).includes(".");
  return isToken ? { start, end: finish } : undefined;
}

/** The `password` of scheme://user:password@host (RFC 3986, 3.2.1). */
function passwordInUrl(where: ShapeText, _start: number, end: number): Credential | undefined {
  const user_and_host = where.text.slice(end, runEnd(where, end, authority));
  return passwordOf(user_and_host, end, user_and_host.lastIndexOf("@"));
}

/** `curl -u user:password`, and `--user`. */
function passwordOfUser(
  where: ShapeText,
  _start: number,
  word_end: number,
): Credential | undefined {
  const { text } = where;
  const end = text.startsWith("ser", word_end) ? word_end + "ser".length : word_end;
  const start = where.assignments.end(end);
  if (start === end) return undefined;
  const user = text.slice(start, runEnd(where, start, user_word));
  if (isUserAndGroup(text, start, user)) return undefined;
  return passwordOf(user, start, user.length);
}

const user_and_group = /^\d{1,10}:\d{1,10}$/;
const container_command = /\b(?:docker|podman) (?:container )?(?:run|exec|create)\b[^\n|;&]*$/;
const command_length_max = 128;

/** `docker run -u 1000:1000`, which is no command with a command in it that takes a password there. */
function isUserAndGroup(text: string, start: number, user: string): boolean {
  if (!user_and_group.test(user)) return false;
  const command = text.slice(Math.max(0, start - command_length_max), start);
  return container_command.test(command) && !command.includes("curl");
}

function passwordOf(user: string, start: number, end: number): Credential | undefined {
  const colon = user.indexOf(":");
  return colon >= 0 && colon < end ? { start: start + colon + 1, end: start + end } : undefined;
}

/** `IDENTIFIED BY 'password'` in SQL, also `WITH plugin BY …` and `BY PASSWORD …`. */
const sql_keywords = /\s{1,8}(?:with\s{1,8}\S{1,64}\s{1,8})?(?:by|as)\s{1,8}(?:password\s{1,8})?/y;

function passwordInSql(where: ShapeText, _start: number, end: number): Credential | undefined {
  sql_keywords.lastIndex = end;
  if (!sql_keywords.test(where.text)) return undefined;
  const start = sql_keywords.lastIndex;
  where.work.spend(2 * (start - end));
  if (!isQuote(where.text, start)) return { start, end: runEnd(where, start, token) };
  return { start: start + 1, end: where.ahead.next(where.text[start]!, start + 1) };
}

/** All shapes but that of private keys. */
export const shapes: readonly Shape[] = [
  ...schemes.map((scheme) => ({ word: scheme, find: tokenOfScheme })),
  { word: "bearer", find: bearer },
  { word: "digest", find: digest },
  ...token_names.map((name) => ({ word: name, find: tokenOfName })),
  { word: "eyj", find: webToken, isOther: isOtherBase64 },
  { word: "://", find: passwordInUrl },
  { word: "-u", find: passwordOfUser },
  { word: "identified", find: passwordInSql },
];
