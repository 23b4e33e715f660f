/**
 * What a condition says other than its author meant: `requestHeader.User-Agent` is a subtraction in CEL, and
 * `event.action` a key of the event itself. What can never be true is refused; where doubt remains, there is a note.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import { ExpressionError } from "./cel-literal.ts";
import { partsDown, partsOf, startOf } from "./cel-tree.ts";
import type { Note } from "./condition-context.ts";
import { event_name, isPlainName } from "./event-name.ts";
import { hasTimes, isDuration, time_name } from "./times.ts";

/** The kinds of values that can be known without an event. */
type Kind = "arithmetic" | "number" | "text" | "bool" | "other" | "unknown";

/** Their values are numbers, durations or times, and nothing else. `+` also joins texts and lists. */
const operators = new Map([
  ["-", "difference"],
  ["-_", "negated value"],
  ["*", "product"],
  ["/", "quotient"],
  ["%", "remainder"],
]);
const comparisons = new Set(["==", "!=", "<", "<=", ">", ">="]);
const truths = new Set([...comparisons, "in", "&&", "||", "!_"]);
const text_methods = new Set(["startsWith", "endsWith", "contains", "matches"]);

/** What other languages call true, false and null. */
const other_words: Record<string, string> = {
  True: "true",
  TRUE: "true",
  False: "false",
  FALSE: "false",
  None: "null",
  NULL: "null",
  Null: "null",
  nil: "null",
  undefined: "null",
};

/** What the Elastic Common Schema keeps under a key `event`, beside what it has at the top. */
const ecs_event_keys = new Set(
  (
    "action agent_id_status category code created dataset duration end hash id ingested kind module original outcome " +
    "provider reason reference risk_score sequence severity start timezone type url"
  ).split(" "),
);

/** Throws ExpressionError where the expression cannot be meant so; gives what else may not be. */
export function findMisreadings(ast: ASTNode, expression: string): Note[] {
  const finder = new Finder(expression, hasTimes(ast));
  finder.visit(ast);
  finder.assertTruth(ast);
  return finder.notes;
}

class Finder {
  readonly notes: Note[] = [];
  readonly #expression: string;
  /** Whether `time` is the event's time, so that the value at that key has no shorter name. */
  readonly #has_times: boolean;
  /** Variables of the macros around the place that is looked at. */
  #bound: readonly string[] = [];

  constructor(expression: string, has_times: boolean) {
    this.#expression = expression;
    this.#has_times = has_times;
  }

  visit(node: ASTNode): void {
    this.#refuse(node);
    this.#noteSubtraction(node);
    this.#noteEventKey(node, false);
    this.#noteOtherWord(node);
    if (node.op === "call" && node.args[0] === "has") return this.#visitHas(node.args[1]);
    if (node.op !== "rcall") return partsOf(node).forEach((part) => this.visit(part));
    const [, receiver, [variable]] = node.args;
    this.visit(receiver);
    const bound = this.#bound;
    if (variable?.op === "id") this.#bound = [...bound, variable.args];
    for (const part of node.args[2]) this.visit(part);
    this.#bound = bound;
  }

  /** The node decides between yes and no. */
  assertTruth(node: ASTNode): void {
    if (kindOf(node) === "arithmetic") this.#fail(node, "is not true or false");
  }

  #visitHas(parameters: readonly ASTNode[]): void {
    for (const subject of parameters) {
      if (kindOf(subject) === "arithmetic") this.#fail(subject, "cannot be asked for with has()");
      if (kindOf(subject) === "text") {
        throw new ExpressionError(
          "has() takes a name without quotes: has(event.name)",
          startOf(subject),
        );
      }
      this.#noteEventKey(subject, true);
      partsOf(subject).forEach((part) => this.visit(part));
    }
  }

  #refuse(node: ASTNode): void {
    const { op } = node;
    if (operators.has(op)) {
      const odd = partsOf(node).find(isNoNumber);
      if (odd !== undefined) this.#fail(node, `cannot contain ${inWords(odd)}${timeAdvice(odd)}`);
    } else if (comparisons.has(op)) {
      const [left, right] = node.args as [ASTNode, ASTNode];
      for (const [one, other] of [
        [left, right],
        [right, left],
      ] as const) {
        if (kindOf(one) === "arithmetic" && isNoNumber(other)) {
          const relation = op === "==" || op === "!=" ? "equal to" : "less or more than";
          this.#fail(one, `is never ${relation} ${inWords(other)}${timeAdvice(other)}`);
        }
        this.#refuseTruth(one, other);
      }
      this.#noteTwoTexts(left, right);
    } else if (op === "in") this.#refuseIn(node.args);
    else if (op === "&&" || op === "||") node.args.forEach((part) => this.assertTruth(part));
    else if (op === "!_") this.assertTruth(node.args);
    else if (op === "?:") this.assertTruth(node.args[0]);
    else if (op === "." || op === "[]") this.#refuseReceiver(node.args[0]);
    else if (op === "call" && node.args[0] === "size")
      node.args[1].forEach((part) => this.#refuseReceiver(part));
    else if (op === "rcall") this.#refuseMethod(node.args);
  }

  /** What gives true or false is not compared with anything else. */
  #refuseTruth(one: ASTNode, other: ASTNode): void {
    if (kindOf(one) !== "bool" || one.op === "value") return;
    const kind = kindOf(other);
    if (kind !== "text" && kind !== "number") return;
    const what = kind === "text" ? inWords(other) : "a number";
    const advice = "what gives true or false stands by itself, or with a ! before it";
    throw new ExpressionError(`true or false is compared with ${what}; ${advice}`, startOf(one));
  }

  #refuseIn([item, list]: readonly [ASTNode, ASTNode]): void {
    this.#refuseReceiver(list);
    if (kindOf(item) !== "arithmetic" || list.op !== "list") return;
    if (list.args.every(isNoNumber)) this.#fail(item, "is never in a list of texts");
  }

  #refuseMethod([name, receiver, parameters]: readonly [string, ASTNode, ASTNode[]]): void {
    // Durations and times have getHours() and its like.
    if (!name.startsWith("get")) this.#refuseReceiver(receiver);
    const odd = parameters.find((part) => kindOf(part) === "arithmetic");
    if (odd !== undefined && text_methods.has(name)) this.#fail(odd, "is never a text");
  }

  #refuseReceiver(node: ASTNode): void {
    if (kindOf(node) === "arithmetic") this.#fail(node, "is neither a text, nor a list, nor a map");
  }

  #fail(node: ASTNode, why: string): never {
    const key = partsDown(node)
      .map((part) => this.#keyAt(part))
      .find((each) => each !== undefined);
    const sentence = `a ${operators.get(node.op) ?? "number"} ${why}`;
    if (key === undefined) throw new ExpressionError(sentence, startOf(node));
    const { sign, spelling, name, position } = key;
    const advice = `"${sign}" is a calculation here, and ${sentence}; the key "${name}" is written ${spelling}`;
    throw new ExpressionError(advice, position);
  }

  /** `end-start > 5` may well be meant; blanks around the sign say so. */
  #noteSubtraction(node: ASTNode): void {
    const key = this.#keyAt(node);
    if (key === undefined) return;
    const { sign, spelling, name, position } = key;
    const message = `"${sign}" is a calculation here; the key "${name}" is written ${spelling}. If a calculation is meant, put spaces around the "${sign}"`;
    // Of a-b-c, either sign would say the same.
    if (!this.notes.some((note) => note.position === position))
      this.notes.push({ message, position });
  }

  /** The key that a sign without blanks between two names looks like. */
  #keyAt(node: ASTNode) {
    if (node.op !== "-" && node.op !== "/") return undefined;
    const text = this.#expression;
    const right = startOf(node.args[1]);
    const left = leftmost(node);
    if (left.op !== "id" && left.op !== ".") return undefined;
    const around = text.slice(right - 2, right + 1);
    if (!/^\w[-/][A-Za-z_]$/.test(around)) return undefined;
    const end = right + /^[\w/-]*/.exec(text.slice(right))![0].length;
    const before = text.slice(startOf(left), right - 1);
    // The names of Kubernetes have dots before a slash: labels["app.kubernetes.io/name"].
    const object =
      node.op === "/" ? /^\w+(?=\.)/.exec(before)?.[0] : /^[^]*(?=\.[\w-]*$)/.exec(before)?.[0];
    const position = startOf(left) + (object === undefined ? 0 : object.length + 1);
    const name = text.slice(position, end);
    const spelling = `${object ?? event_name}[${JSON.stringify(name)}]`;
    return { sign: node.op, spelling, name, position };
  }

  /** `True` of Python is the value at a key called True. */
  #noteTwoTexts(left: ASTNode, right: ASTNode): void {
    if (left.op !== "value" || kindOf(left) !== "text" || kindOf(right) !== "text") return;
    const message =
      "two texts are compared, and nothing of the event; a key is written without quotes";
    this.notes.push({ message, position: startOf(left) });
  }

  #noteOtherWord(node: ASTNode): void {
    if (node.op !== "id" || this.#bound.includes(node.args)) return;
    const word = Object.hasOwn(other_words, node.args) ? other_words[node.args] : undefined;
    if (word === undefined) return;
    const message = `${node.args} is a key of the event here; ${word} is written ${word}`;
    this.notes.push({ message, position: node.pos });
  }

  /** At the top, `event.x` names the same as `x`: whoever writes it may mean a key called event. */
  #noteEventKey(node: ASTNode, isAsked: boolean): void {
    if (node.op !== ".") return;
    const [object, name] = node.args;
    if (object.op !== "id" || object.args !== event_name || this.#bound.includes(event_name))
      return;
    if (name === time_name && this.#has_times) return;
    const doubtful = isAsked ? ecs_event_keys.has(name) : isPlainName(name) && name !== event_name;
    if (!doubtful) return;
    const spelling = isAsked ? "" : ` (${name} for short)`;
    const message = `event.${name} is the event's own key ${name}${spelling}; a key ${name} below a key called event is written event.event.${name}`;
    this.notes.push({ message, position: object.pos });
  }
}

function kindOf(node: ASTNode): Kind {
  if (operators.has(node.op)) {
    // A number with a sign is a number.
    return node.op === "-_" && kindOf(node.args) === "number" ? "number" : "arithmetic";
  }
  if (truths.has(node.op)) return "bool";
  if (node.op === "list" || node.op === "map") return "other";
  if (node.op === "call" && node.args[0] === "has") return "bool";
  if (node.op === "rcall" && text_methods.has(node.args[0])) return "bool";
  if (node.op !== "value") return "unknown";
  if (typeof node.args === "string") return "text";
  if (typeof node.args === "boolean") return "bool";
  return typeof node.args === "bigint" || typeof node.args === "number" ? "number" : "other";
}

function isNoNumber(node: ASTNode): boolean {
  return ["text", "bool", "other"].includes(kindOf(node));
}

/** For a text that is a duration without its function. */
function timeAdvice({ op, args }: ASTNode): string {
  const isText = op === "value" && typeof args === "string";
  return isText && isDuration(args)
    ? `; a duration is written duration(${JSON.stringify(args)})`
    : "";
}

function inWords(node: ASTNode): string {
  const words: Partial<Record<Kind, string>> = { text: "a text", bool: "true or false" };
  return words[kindOf(node)] ?? "null, a list or a map";
}

/** What the chain of signs begins with: `a` of `a-b-c`, and of `!a-b`. */
function leftmost(node: ASTNode): ASTNode {
  if (node.op === "!_") return leftmost(node.args);
  return node.op === "-" || node.op === "/" ? leftmost(node.args[0]) : node;
}
