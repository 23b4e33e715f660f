/**
 * Secrets that have no shape of their own and are known by their names: parameters, headers, assignments, members of JSON in
 * a text.
 */
import {
  assigned,
  nameAround,
  nameEnd,
  of_any,
  of_parameters,
  valueBehind,
  type Value,
} from "../contract/assignment.ts";
import { blanks, name_bytes, word } from "../contract/alphabet.ts";
import type { Detector, Look, Way } from "../contract/detector.ts";
import { mayBeEscape, type Text } from "../contract/text.ts";
import { aws_secret } from "./aws.ts";
import { isKnownUseIn } from "../known-uses/known-uses.ts";
import { isKeptValue } from "../keys/key-rule.ts";

interface Named {
  readonly id: string;
  readonly finds: string;
  readonly example: string;
  readonly names: readonly string[];
  readonly separators?: readonly string[];
  readonly length_min?: number;
  /** Another in which it is found. */
  readonly way?: Way;
  /** Whether the name can be the end of a longer one: `db_password`. */
  readonly is_suffix?: true;
}

const rows: readonly Named[] = [
  {
    id: "aws-session-token",
    finds: "session tokens of AWS, by name",
    example: "X-Amz-Security-Token=xxxxxxxxxxxxxxxx",
    names: ["x-amz-security-token", "sessiontoken", "session_token"],
    length_min: 8,
    is_suffix: true,
  },
  {
    id: "aws-secret-key",
    finds: "secret access keys of AWS, by name",
    example: "aws_secret_access_key=xxxxxxxxxxxxxxxxxxxx",
    names: ["secretaccesskey", "secret_access_key", "secretkey", "secret_key", "secret-key"],
    way: aws_secret,
    is_suffix: true,
  },
  {
    id: "sse-c",
    finds: "keys with which S3 encrypts an object for a customer",
    example: "x-amz-server-side-encryption-customer-key: xxxxxxxxxxxxxxxx",
    names: ["server-side-encryption-customer-key"],
    is_suffix: true,
  },
  {
    id: "sts",
    finds:
      "credentials that are exchanged for a session: `WebIdentityToken`, `SAMLAssertion`, `LDAPPassword`",
    example: "WebIdentityToken=xxxxxxxxxxxxxxxx",
    names: ["webidentitytoken", "samlassertion", "samlresponse", "ldappassword"],
  },
  {
    id: "azure-storage",
    finds: "keys and shared access signatures of Azure",
    example: "AccountKey=xxxxxxxxxxxxxxxxxxxxxxxx",
    names: ["accountkey", "sharedaccesskey", "sharedaccesssignature", "sig"],
    separators: of_parameters,
    length_min: 20,
  },
  {
    id: "password",
    finds: "passwords, secrets, tokens and API keys, by name",
    example: "password=xxxxxxxx",
    names: [
      "password",
      "passwd",
      "passphrase",
      "pass",
      "pwd",
      "secret",
      "token",
      "apikey",
      "api_key",
      "api-key",
      "private_key",
      "passwort",
      "kennwort",
      "password1",
      "password2",
      "password_confirmation",
      "passwordconfirmation",
    ],
    is_suffix: true,
  },
];

/** Values of what is named `pass` and is no password: what a test or a proxy says. */
const harmless_pass = /^(?:\d{1,5}|true|false|yes|no|on|off|https?:.*|through|-)$/i;
/** Names of what only looks like a secret: places in lists, what makes requests unique. */
const harmless =
  /(?:continuation|next|page|list|marker|sync|start|request|idempotency|resume|change|previous|cancel(?:lation)?)[-_.]?token$|^clienttoken$/;
/** Words that stand behind `password:` in messages. */
const status =
  /^(?:incorrect|invalid|expired|required|wrong|missing|empty|not|must|is|was|changed|reset|mismatch|failed|no|none|ok|falsch|abgelaufen|erforderlich|fehlt)$/i;
const word_like = /^[a-z]+$/;
const shown_length_max = 129;

function lookFor({ length_min = 1, is_suffix }: Named): Look {
  return (text, at, end) => {
    const name_end = nameEnd(text, at, end);
    const name = nameAround(text, at, name_end);
    if (!is_suffix && name.length > name_end - at && !isWord(text, at)) return undefined;
    if (harmless.test(name)) return undefined;
    // Ids of AWS in capitals can end like this.
    if (name.endsWith("pwd") && !text.isWordStart(at)) return undefined;
    const value = isInNetrc(text, at, end) ? wordBehind(text, end) : valueBehind(text, end, false);
    if (value === undefined || value.end - value.start < length_min) return undefined;
    const shown = text.slice(value.start, Math.min(value.end, value.start + shown_length_max));
    if (isKeptValue(shown) || isPlaceholder(shown)) return undefined;
    if (name.endsWith("pass") && (value.is_header || !isPassword(text, at, shown))) {
      return undefined;
    }
    // The working directory, in the environment of a command.
    if (name.endsWith("pwd") && shown.startsWith("/")) return undefined;
    const is_sentence = value.is_header && !value.is_quoted;
    if (is_sentence && isSentence(text, at, name, shown)) return undefined;
    if (is_sentence && isKnownUseIn(text, name_end, value.end)) return undefined;
    return { start: value.start, end: value.end };
  };
}

/** `pass=…`, `db_pass=…`, and not `pass: …` as tests report it: not the end of another word, such as `bypass`, nor what a proxy passes requests to. */
function isPassword(text: Text, at: number, value: string): boolean {
  const before = text.slice(Math.max(text.start, at - proxy_length_max), at).toLowerCase();
  return text.isWordStart(at) && !/(?:proxy|cgi|grpc)_$/.test(before) && !harmless_pass.test(value);
}

/** `token: expired`, `password: incorrect`, and the name in `arn:aws:secretsmanager:…:secret:name`. */
function isSentence(text: Text, at: number, name: string, value: string): boolean {
  if (isInUrn(text, at)) return true;
  return name.includes("pass") ? status.test(value) : word_like.test(value);
}

/** `${PASSWORD}`, `{{ password }}`, `$1`, `%s`, `?`: places for a value. */
function isPlaceholder(value: string): boolean {
  return /^(?:\$\{[^}]*\}|\{\{.*\}\}|\$\d{1,3}|%s|\?|<[a-z _-]+>)$/i.test(value);
}

/** Whether a colon stands before the name, too. */
function isInUrn(text: Text, at: number): boolean {
  return text.byte(text.runStart(at, name_bytes) - 1) === colon;
}

const [colon, equals, blank] = [0x3a, 0x3d, 0x20];
const proxy_length_max = 8;
const login_length_max = 80;

/** Whether a separator follows, also behind blanks and in an escape, as a tab is in JSON. */
function mayBeAssigned(text: Text, at: number, end: number): boolean {
  const last = text.byte(end - 1);
  if (last === equals && isHarmless(text, at, end)) return false;
  if (last !== blank) return last !== colon || !isInUrn(text, at);
  const behind = text.runEnd(end, blanks);
  const byte = text.byte(behind);
  if (byte === equals || byte === colon || mayBeEscape(text, behind)) return true;
  return isInNetrc(text, at, end);
}

/** Whether the name is one of a place in a list, or the like, and not the end of a name that is written with an escape. */
function isHarmless(text: Text, at: number, end: number): boolean {
  const is_whole = !mayBeEscape(text, text.runStart(at, name_bytes) - 1);
  return is_whole && harmless.test(nameAround(text, at, nameEnd(text, at, end)));
}

/** `login ann password …`, as .netrc has it: no separator but blanks. */
function isInNetrc(text: Text, at: number, end: number): boolean {
  if (!text.isAt(end - 1, blanks) || !text.isWordStart(at)) return false;
  const before = text.slice(Math.max(text.start, at - login_length_max), at);
  return /(?:^|[\s"']|\\n)login[ \t]+[^\s"']{1,64}[ \t]+$/.test(before);
}

function wordBehind(text: Text, end: number): Value | undefined {
  const start = text.runEnd(end, blanks);
  const stop = text.runEnd(start, word);
  return stop > start ? { start, end: stop, is_quoted: false, is_header: false } : undefined;
}

/** Whether the name is not the end of another: dashes of an option and escapes stand before it. */
function isWord(text: Text, at: number): boolean {
  const before = text.byte(at - 1);
  return text.isWordStart(at) && before !== 0x5f && before !== 0x2e;
}

export const named_values: readonly Detector[] = rows.map((row) => ({
  id: row.id,
  group: "credentials",
  finds: row.finds,
  example: row.example,
  ways: [
    {
      anchors: assigned(row.names, row.separators ?? of_any),
      look: lookFor(row),
      quick: mayBeAssigned,
    },
    ...(row.way === undefined ? [] : [row.way]),
  ],
}));
