/**
 * What to write instead of something that is no CEL: keys that need quotes, operators of other languages, and paths as other
 * tools write them.
 */
import { ownSpelling } from "../../event/scan/foreign-path.ts";
import { event_name, reserved } from "./event-name.ts";

/** What to write for the word at which the parser could not go on; empty where that is not known. */
export function adviceAt(expression: string, position: number): string {
  const rest = expression.slice(position);
  const before = expression.slice(0, position);
  const operator = operatorAdvice(before, rest);
  if (operator !== undefined) return `; ${operator}`;
  // A part of a key, such as `for` in x-forwarded-for.
  const begun =
    (/^\w/.test(rest) ? /[A-Za-z_][\w-]*-$/ : /[A-Za-z_][\w-]*$/).exec(before)?.[0] ?? "";
  const name = begun + (/^[\w@$:/\u0080-\uffff.-]*[\w\u0080-\uffff]/.exec(rest)?.[0] ?? "");
  const above = before.slice(0, before.length - begun.length);
  const object = /([\w\])"][\w\])".]*)\.$/.exec(above)?.[1];
  const foreign = begun === "" && object === undefined ? foreignPath(rest) : undefined;
  if (foreign !== undefined) return `; the value is written ${foreign}`;
  if (name === begun) return "";
  if (object !== undefined) return `; the key is written ${object}[${JSON.stringify(name)}]`;
  // Behind a value, it is no key that is at fault.
  if (/[\w\])"'] *$/.test(above)) return "";
  if (!/^\w+$/.test(name)) return `; the key is written ${event_name}[${JSON.stringify(name)}]`;
  return reserved.has(name) ? `; the event's own key is written ${event_name}.${name}` : "";
}

/** A path of JSONPath, JSON Pointer or jq at the start of the text, as conditions have it. */
function foreignPath(text: string): string | undefined {
  const [path] = /^(?:\$[.[]|[./][A-Za-z_[])[^\s=<>!&|)]*/.exec(text) ?? [];
  const spelling = path && ownSpelling(path);
  if (spelling === undefined || spelling.includes("*")) return undefined;
  return spelling.startsWith("[") ? `${event_name}${spelling}` : spelling;
}

/** For what other languages have for operators. */
function operatorAdvice(before: string, rest: string): string | undefined {
  if (rest.startsWith("=~")) return 'a pattern is written name.matches("pattern")';
  if (/^=[^=]/.test(rest)) return "equality is written ==";
  if (/(?:^|[^\w.])\d+$/.test(before) && /^[A-Za-z]/.test(rest)) {
    return 'a duration is written duration("1h"), and a size as a number of bytes';
  }
  if (/^[\u2018-\u201f]/.test(rest)) return "quotes are written \" or '";
  const [in_quotes] = /^"[^"]*"/.exec(rest) ?? [];
  if (before.endsWith(".") && in_quotes !== undefined) {
    return `a key in quotes is written in brackets, without the dot: [${in_quotes}]`;
  }
  if (/^[&|]/.test(rest)) return "`and` and `or` are written && and ||";
  if (/^\/[^/]*\/\s*(?:$|[),&|])/.test(rest)) return 'a pattern is written name.matches("pattern")';
  if (before.endsWith("<") && rest.startsWith(">")) return "what is not equal is written !=";
  if (/^(?:and|or|not)\b/i.test(rest) || /\bnot\s+$/i.test(before)) {
    return "`and`, `or` and `not` are written &&, || and !";
  }
  if (/^IN\b/.test(rest)) return 'in is written in small letters: name in ["a", "b"]';
  if (/^is\s+not\b/i.test(rest)) return "what is not equal is written !=";
  if (/^is\b/i.test(rest)) return "equality is written ==";
  const [method] = /^(?:contains|startswith|endswith|matches)\b/i.exec(rest) ?? [];
  if (method !== undefined && /\s$/.test(before)) {
    return 'write name.contains("text"), and startsWith, endsWith and matches alike';
  }
  if (/^like\b/i.test(rest)) return 'a pattern is written name.matches("pattern")';
  if (/\bin\s*\([^()]*$/.test(before)) return 'a list is written in brackets: ["a", "b"]';
  if (/[[.]$/.test(before) && /^[*\]]/.test(rest)) {
    return 'any item is asked for with items.exists(each, each.name == "x")';
  }
  return undefined;
}
