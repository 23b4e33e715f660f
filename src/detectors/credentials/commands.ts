/**
 * Secrets on command lines and in statements, where they stand as a word of their own: also as auditd logs the words of a
 * command (`a1="-p" a2="…"`), and between NULs.
 */
import { allBut, alphabet, word } from "../contract/alphabet.ts";
import { command_line } from "../contract/detection.ts";
import { anyCase, type Detector, type Found, type Look } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";
import { isKnownUseIn, isKnownWord } from "../known-uses/known-uses.ts";
import { isKeptValue } from "../keys/key-rule.ts";

/** Between two words of a command: blanks, a NUL, what auditd writes, a list, or parameters of Kubernetes' `exec`. */
const words_apart = String.raw`["']?(?:[ \t+]+|\0|\\0|\\u0000|&command=)(?:a\d{1,4}=)?["']?`;
const gap = String.raw`(?:${words_apart}|["'], {0,4}["'])`;
const gap_only = new RegExp(gap, "y");
const password_option = new RegExp(`(?:${gap}-[a-oq-zA-Z]{1,4}){0,3}${gap}-p(?:${gap})?`, "y");
/** The words before an option. */
const words = String.raw`(?:${gap}[^\s\0"'&]{1,64}){0,12}?`;
const attached_option = new RegExp(String.raw`[\w-]{0,16}${words}${gap}-p["']?(?=[^\s\0"'])`, "y");
const redis_option = new RegExp(String.raw`cli${words}${gap}-a${gap}`, "y");
const ldap_option = new RegExp(String.raw`[a-z]{1,10}${words}${gap}-w${gap}`, "y");
const openssl_source = new RegExp(String.raw`${gap}pass:`, "y");
const user_option = new RegExp(`(?:=|${gap})["']?([^\\s:"'=]{1,64}):`, "y");

/** Behind an option in a query, in which no server writes about passwords. */
const ends_in_url = alphabet("+&");
const known_word_length_max = 16;

/** A word behind an option such as `--password`. */
function wordBehindOption(text: Text, _at: number, end: number): Found | undefined {
  const between = text.match(gap_only, end - 1);
  if (between === null) return undefined;
  const found = wordAt(text, end - 1 + between[0].length);
  if (found === undefined) return undefined;
  if (text.isAt(end - 1, ends_in_url)) return found;
  // In the log of a server, the name is the end of a path: `GET /forgot-password HTTP/1.1`.
  const is_short = found.end - found.start <= known_word_length_max;
  const isPath =
    (is_short && isKnownWord(text.slice(found.start, found.end))) ||
    isKnownUseIn(text, end - 1, found.end);
  return isPath ? undefined : found;
}

function wordAt(text: Text, start: number): Found | undefined {
  const stop = text.runEnd(start, word);
  if (stop === start || text.byte(start) === 0x2d) return undefined;
  return isKeptValue(text.slice(start, Math.min(stop, start + 129)))
    ? undefined
    : { start, end: stop };
}

/** How far behind the name of a program its option is looked for. */
const option_distance_max = 160;

/** The word behind an option, which has these characters, of a program whose name is the anchor. */
function behind(characters: string, option: RegExp): Look {
  return (text, _at, end) => {
    if (text.next(characters, end) - end > option_distance_max) return undefined;
    const found = text.match(option, end);
    return found === null ? undefined : wordAt(text, end + found[0].length);
  };
}

/** How far behind `curl` its option is looked for. */
const command_length_max = 512;
const numeric = /^\d+$/;

/** `curl -u user:password`; without curl, `-u 1000:1000` is a user and a group. */
function passwordOfUser(text: Text, at: number, end: number): Found | undefined {
  const command = text.previous("curl", at);
  if (command < 0 || at - command > command_length_max) return undefined;
  const option = text.match(user_option, end);
  if (option === null) return undefined;
  const found = wordAt(text, end + option[0].length);
  if (found === undefined) return undefined;
  const is_group = numeric.test(option[1]!) && numeric.test(text.slice(found.start, found.end));
  return is_group ? undefined : found;
}

const single_quoted = allBut("'");
const double_quoted = allBut('"');
const [quote, double_quote, dollar] = [0x27, 0x22, 0x24];

/** `PASSWORD 'x'`, `IDENTIFIED BY 'x'`; a quote that is written twice stands for one. */
function literalOfStatement(text: Text, _at: number, end: number): Found | undefined {
  for (const doubled of ["''", "%27", "%2527"]) {
    if (text.isExactly(end - doubled.length, doubled)) return until(text, end, doubled);
  }
  const [own, inside] =
    text.byte(end - 1) === quote ? [quote, single_quoted] : [double_quote, double_quoted];
  let stop = text.runEnd(end, inside);
  while (text.byte(stop) === own && text.byte(stop + 1) === own) {
    stop = text.runEnd(stop + 2, inside);
  }
  if (stop === end || isKeptValue(text.slice(end, Math.min(stop, end + 129)))) return undefined;
  return { start: end, end: stop };
}

/** `IDENTIFIED WITH plugin BY 'x'`; in a literal of SQL quotes are doubled, and a URL spells blanks and quotes. */
const of_plugin =
  /["'`]{0,2}[\w.-]{1,64}["'`]{0,2}(?: |\+|%20|%2520){1,4}(?:by|as)(?: |\+|%20|%2520){1,4}(?:''?|"|%27|%2527)/iy;
/** `SET PASSWORD FOR 'user'@'host' = 'x'`. */
const of_account = /(?: for [^=;]{1,120}?)? ?= ?(?:password\()?["']/iy;

function until(text: Text, start: number, literal: string): Found | undefined {
  const end = text.next(literal, start);
  return end > start ? { start, end } : undefined;
}

function literalBehind(clause: RegExp): Look {
  return (text, at, end) => {
    const found = text.match(clause, end);
    return found === null ? undefined : literalOfStatement(text, at, end + found[0].length);
  };
}

function literalBetweenDollars(text: Text, _at: number, end: number): Found | undefined {
  if (text.byte(end - 1) !== dollar) return undefined;
  const stop = text.next("$$", end);
  return stop > end ? { start: end, end: stop } : undefined;
}

const option_names = ["password", "passwd", "passphrase", "token", "secret", "api-key", "pass"];
const option_ends = [" ", "+", "\0", '"', "'", "&"];

export const commands: readonly Detector[] = [
  {
    id: command_line,
    group: "credentials",
    finds:
      "passwords on the command line: `--password`, `sshpass -p`, `mysql -pSECRET`, `curl -u`; also in lists of words",
    example: "curl -u user:xxxxxxxx https://host",
    ways: [
      {
        anchors: anyCase(
          ...option_names.flatMap((name) => option_ends.map((end) => `-${name}${end}`)),
        ),
        look: wordBehindOption,
        in_lists: true,
      },
      { anchors: anyCase("sshpass"), look: behind("-p", password_option) },
      { anchors: anyCase("mysql", "mariadb"), look: behind("-p", attached_option) },
      { anchors: anyCase("redis-"), look: behind("-a", redis_option) },
      { anchors: anyCase("ldap"), look: behind("-w", ldap_option) },
      { anchors: anyCase("-passin", "-passout"), look: behind("pass:", openssl_source) },
      {
        anchors: anyCase("--user", " -u ", '"-u"', "'-u'", "\0-u\0", "=-u&"),
        look: passwordOfUserOption,
        in_lists: true,
      },
    ],
  },
  {
    id: "sql-password",
    group: "credentials",
    finds: "the passwords of database users in SQL statements",
    example: "ALTER ROLE app PASSWORD 'xxxxxxxx'",
    ways: [
      {
        anchors: anyCase(
          "password '",
          "password e'",
          "password n'",
          "password  '",
          "password('",
          "identified by '",
          'identified by "',
        ),
        look: literalOfStatement,
      },
      {
        anchors: anyCase(
          "identified with ",
          "identified+with+",
          "identified%20with%20",
          "identified%2520with%2520",
        ),
        look: literalBehind(of_plugin),
      },
      { anchors: anyCase("set password"), look: literalBehind(of_account) },
      { anchors: anyCase("password $$"), look: literalBetweenDollars },
    ],
  },
];

/** The gap behind the option may be part of the anchor. */
function passwordOfUserOption(text: Text, at: number, end: number): Found | undefined {
  const is_long = text.byte(at) === 0x2d;
  return passwordOfUser(text, at, is_long ? end : end - 1);
}
