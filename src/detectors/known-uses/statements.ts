/**
 * Statements of SQL that name a column of secrets, and hold no value of it: `WHERE password IS NULL`, `SET token = $1`.
 *
 * The form holds the statement to its end. Texts and numbers may stand in it only behind columns that say who or what is
 * meant, and nothing may follow it: pgaudit writes the values of `$1` there.
 */
import { type KnownForm, line_end, whole } from "./form.ts";

const word = String.raw`[a-z_][\w$]{0,62}`;
const identifier = String.raw`${word}(?:\.${word}){0,2}`;
const more_identifiers = String.raw`(?:, ?${identifier}){0,16}`;
const place = String.raw`(?:\$\d{1,4}|\?)(?![\w$?])`;
/** What stands for a value, and is none. */
const no_value = String.raw`(?:${place}|(?:null|default|true|false|current_timestamp)\b|now\(\))`;
/** Columns that say who or what is meant. */
const public_column = String.raw`(?:${word}\.)?(?:(?:account_|client_|group_|org_|role_|tenant_|user_)?id|(?:user_?)?name|email|kind|state|status|type|\w{1,32}_at)\b`;
const public_value = String.raw`(?:'[^'\\\n]{0,128}'(?!')|\d{1,18}\b)`;
const compared = String.raw` ?(?:=|<>|!=|<=?|>=?) ?`;
const null_test = String.raw` is (?:not )?null\b`;
const condition = String.raw`(?:${public_column}${compared}${public_value}|${identifier}${compared}${no_value}|${identifier}${null_test})`;
const order = String.raw`${identifier}(?: asc\b| desc\b)?`;

/** All that may follow in a statement, to its end and that of the line. */
const clauses = String.raw`(?: (?:where|and|or) ${condition}| order by ${order}(?:, ?${order}){0,4}| (?:limit|offset) (?:\d{1,18}\b|${place})| returning ${identifier}${more_identifiers}| for update){0,16}`;
const statement_end = String.raw`;?(?:"?,<(?:none|not logged)>)?${line_end}`;
const rest = clauses + statement_end;

const table = String.raw` from ${identifier}(?: (?:as )?[a-z]{1,2})?`;
const columns = String.raw`(?:, ?(?:${identifier}(?:${null_test})?|count\(\*\))){0,16}`;
/** Words such as `default` are values of the name outside of statements. */
const assigned = String.raw` ?= ?(?:${place}|null\b)`;
const assignments = String.raw`(?:, ?${identifier} ?= ?${no_value}){0,16}`;

/** A statement of these begins before the name, and what follows that begins in this way. */
function within(statements: string, first: string, source: string): KnownForm {
  return whole(String.raw`(?=${first})(?<=\b(?:${statements}) [^\n]{1,512})${source}`);
}

export const statements: readonly KnownForm[] = [
  within(
    "select|update|delete from",
    " is ",
    String.raw`${null_test}(?:${columns}${table})?${rest}`,
  ),
  within(
    "select|update|delete from",
    String.raw` ?= ?[$?n]`,
    String.raw`${assigned}${assignments}${rest}`,
  ),
  within("select", ",| from ", String.raw`${columns}${table}${rest}`),
  within(
    "insert into",
    String.raw`[,)]`,
    String.raw`${more_identifiers}\) values \(${no_value}(?:, ?${no_value}){0,32}\)${rest}`,
  ),
  // pgaudit puts this in the place of all that follows the word.
  whole(
    String.raw`(?= <)(?<=\b(?:alter|create) (?:role|user) [^\n]{1,128} password) <redacted>,<(?:none|not logged)>${line_end}`,
  ),
];
