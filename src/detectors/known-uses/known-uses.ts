/**
 * Whether what follows the name of a secret is known to be no value, as in `Failed password for ann from 10.0.0.1 port 22`.
 *
 * Each form is about the text as it is written. A text that is spelled with escapes has none, and is masked.
 */
import type { Text } from "../contract/text.ts";
import { accounts, audit_records } from "./accounts.ts";
import type { KnownForm } from "./form.ts";
import { servers } from "./servers.ts";
import { statements } from "./statements.ts";

/** How much work it is to look at all forms: nearly all of them end at their first character. */
export const known_forms_steps = 128;

/** What the names in the forms end with. */
const known_name = /(?<=password|passwd|pwd|token|secret|signature)/iy;

/** Forms that are looked at together: nearly every name is in none of a set, and one look tells that. */
interface FormSet {
  readonly any: RegExp;
  readonly forms: readonly KnownForm[];
}

const sets: readonly FormSet[] = [accounts, audit_records, servers, statements].map((forms) => {
  return { any: new RegExp(forms.map(({ form }) => form.source).join("|"), "iy"), forms };
});

/**
 * Up to where what follows the name that ends there is known to be no value, although it could be one: the end of a form, or
 * infinity where other fields follow. Undefined where nothing is known.
 */
export function knownUseEnd(text: string, name_end: number): number | undefined {
  if (!isAt(known_name, text, name_end)) return undefined;
  let end: number | undefined;
  for (const { any, forms } of sets) {
    if (!isAt(any, text, name_end)) continue;
    for (const { form, isField } of forms) {
      if (!isAt(form, text, name_end)) continue;
      if (isField) return Infinity;
      end = Math.max(end ?? 0, form.lastIndex);
    }
  }
  return end;
}

/** How much of a text is looked at before and behind the name that a detector has found. */
const [before_max, behind_max] = [320, 640];

/** Whether no value follows a name in a text in which detectors look, although what is up to `value_end` could be one. */
export function isKnownUseIn(text: Text, name_end: number, value_end: number): boolean {
  const [start, end] = [name_end - before_max, name_end + behind_max];
  // Where it is cut, the text neither begins nor ends.
  const before = (start > text.start ? "…" : "") + text.slice(start, name_end);
  const behind = text.slice(name_end, end) + (end < text.end ? "…" : "");
  const known_end = knownUseEnd(before + behind, before.length) ?? 0;
  return known_end >= before.length + value_end - name_end;
}

const word_of_protocol = /^http\/\d(?:\.\d)?$/i;

/** The words behind a scheme where people write about it. */
const words_of_schemes: Readonly<Record<string, RegExp>> = {
  basic: /^auth(?:entication)?$/i,
  bearer: /^tokens?$/i,
};

/** Whether a word behind a name, or behind the name of an authorization scheme, is known to be no secret. */
export function isKnownWord(word: string, scheme?: string): boolean {
  if (word_of_protocol.test(word)) return true;
  return scheme !== undefined && words_of_schemes[scheme]?.test(word) === true;
}

const place_of_list =
  /(?<=(?<![\w.-])(?:next[-_]?)?(?:page|continuation|next)[-_]?token)(?=["']?[=:])/iy;

/** Whether the name that ends there is that of a place in a list, such as `page_token` and `continuation-token`. */
export function isPlaceOfList(text: string, name_end: number): boolean {
  return isAt(place_of_list, text, name_end);
}

function isAt(form: RegExp, text: string, at: number): boolean {
  form.lastIndex = at;
  return form.test(text);
}
