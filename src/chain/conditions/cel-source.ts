/**
 * Takes a CEL expression apart: which values of an event it names, and the same expression with a variable
 * instead of each, so that it can be evaluated on those few values.
 *
 *     api.name == "x" && has(a.b)   →   value_0 == "x" && value_1     with value_0 = api.name, value_1 = has(a.b)
 *
 * `event` names the event itself where something is taken of it: see event-name.ts.
 * `metadata("index")` names what is beside the event; a function, since the event may well have a value `metadata`. What
 * else is tallyman's: own-functions.ts.
 *
 * A chain of member names ends where a method is called or an index is computed. The variables of macros
 * (exists, all, …) are not the event's. Literals and operators are written out again, in full parentheses.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import { celLiteral, ExpressionError, type_names } from "./cel-literal.ts";
import { event_name, eventPath } from "./event-name.ts";
import { ownPart, type OwnPart, type PlacedText, type TestSource } from "./own-functions.ts";
import { hasTimes, time_name } from "./times.ts";

/** A value of the event that is a variable in the rewritten source. */
export interface Slot {
  readonly variable: string;
  /**
   * `get`: the value at the path; `has`: whether there is one; `metadata`: what is beside the event; `time`: the event's
   * time; `now`: the clock's.
   */
  readonly kind: "get" | "has" | "metadata" | "time" | "now";
  /** As tallyman writes paths; of metadata, its name; of times, nothing. */
  readonly path: string;
}

/** A test of a value that is not CEL's, by the name that stands for it. */
export interface ValueTest {
  readonly name: string;
  readonly source: TestSource;
}

export interface RewrittenExpression {
  readonly source: string;
  readonly slots: readonly Slot[];
  /** Patterns of `matches`. */
  readonly patterns: readonly PlacedText[];
  readonly tests: readonly ValueTest[];
  /** The offset in the original expression of what is at this offset of `source`. */
  originalPosition(offset: number): number;
}

/** What takes the place of `matches`: it uses a linear-time engine instead of the language's own. */
export const linear_matches = "matches_linear";

/** What takes the place of tests that are not CEL's: it is given the value, and the name of the test. */
export const value_test = "value_test";

/** Methods that bind their first argument as a variable, and how many arguments they then have. */
const macros = new Map([
  ["all", [2]],
  ["exists", [2]],
  ["exists_one", [2]],
  ["filter", [2]],
  ["map", [2, 3]],
]);

/** Operators whose cost grows with their operands, beside `in` for its right one. */
const arithmetic = new Set(["+", "-", "*", "/", "%"]);

/** The variables of the macros around a place, and in how many macros each of them was bound. */
type Bound = ReadonlyMap<string, number>;

export function rewriteExpression(ast: ASTNode, expression: string): RewrittenExpression {
  return new Rewriter(ast, expression);
}

class Rewriter implements RewrittenExpression {
  source = "";
  readonly slots: Slot[] = [];
  readonly patterns: PlacedText[] = [];
  readonly tests: ValueTest[] = [];
  /** Around the place that is being written: the macros' variables, and how many macros there are. */
  #bound: Bound = new Map();
  #loops = 0;
  readonly #prefix: string;
  readonly #typesAreMeant: boolean;
  readonly #timesAreMeant: boolean;
  readonly #outputStarts: number[] = [];
  readonly #originalStarts: number[] = [];

  constructor(ast: ASTNode, expression: string) {
    let prefix = "value_";
    while (expression.includes(prefix)) prefix += "_";
    this.#prefix = prefix;
    this.#typesAreMeant = /\btype\s*\(/.test(expression);
    this.#timesAreMeant = hasTimes(ast);
    this.#write(ast);
  }

  originalPosition(offset: number): number {
    const after = this.#outputStarts.findIndex((start) => start > offset);
    return this.#originalStarts.at(after < 0 ? -1 : after - 1) ?? 0;
  }

  /** `isCompared` says that the node is where it costs the same, however large its value is. */
  #write(node: ASTNode, isCompared = false): void {
    this.#outputStarts.push(this.source.length);
    this.#originalStarts.push(node.pos);
    if (this.#isTime(node)) {
      this.source += this.#variable("time", "");
      return;
    }
    const path = this.#pathOf(node);
    if (!isCompared) this.#assertOwn(node, path);
    if (path !== undefined) {
      this.source += this.#variable("get", path);
      return;
    }
    const own = ownPart(node);
    if (own !== undefined) return this.#writeOwn(own);
    switch (node.op) {
      case "value":
        this.source += celLiteral(node.args, node.pos);
        return;
      case "id":
        this.source += node.args;
        return;
      case "call":
        return this.#writeCall(node.args);
      case "rcall":
        return this.#writeMethod(node.args);
      case ".":
        this.#write(node.args[0], isCompared);
        this.source += `.${node.args[1]}`;
        return;
      case "[]":
        this.#write(node.args[0], isCompared);
        return this.#list("[", [node.args[1]], "]", true);
      case "list":
        return this.#list("[", node.args, "]");
      case "map":
        return this.#writeMap(node.args);
      case "!_":
        return this.#list("(!", [node.args], ")", true);
      case "-_":
        return this.#list("(-", [node.args], ")");
      case "?:":
        return this.#writeTernary(node.args, isCompared);
      case ".?":
      case "[?]":
        throw new ExpressionError("optional access is not supported; use has()", node.pos);
      case "||":
      case "&&":
      case "==":
      case "!=":
      case "<":
      case "<=":
      case ">":
      case ">=":
      case "in":
      case "+":
      case "-":
      case "*":
      case "/":
      case "%":
        this.#writeBinary(node);
    }
  }

  #writeBinary(node: { op: string; args: [ASTNode, ASTNode] }): void {
    this.source += "(";
    this.#write(node.args[0], !arithmetic.has(node.op));
    this.source += ` ${node.op} `;
    this.#write(node.args[1], !arithmetic.has(node.op) && node.op !== "in");
    this.source += ")";
  }

  /**
   * Inside a loop, going through any other value than the loop's own would take time that grows with the
   * square of the event's size, so that one hostile event could hold up all others.
   */
  #assertOwn(node: ASTNode, path: string | undefined): void {
    if (this.#loops === 0) return;
    const loop = node.op === "id" ? this.#bound.get(node.args) : undefined;
    if (path === undefined && (loop === undefined || loop === this.#loops)) return;
    const advice = "inside a loop, values other than its own can only be compared (==, <, &&, …)";
    throw new ExpressionError(advice, node.pos);
  }

  #writeOwn(own: OwnPart): void {
    if (own.kind === "literal") this.source += own.source;
    else if (own.kind === "now") this.source += this.#variable("now", "");
    else if (own.kind === "metadata") this.source += this.#variable("metadata", own.name);
    else {
      const name = `test_${this.tests.length}`;
      this.tests.push({ name, source: own.source });
      this.#list(`${value_test}(`, [own.subject], `, "${name}")`, true);
    }
  }

  #writeCall([name, parameters]: [string, ASTNode[]]): void {
    const subject = parameters[0];
    if (name === "has" && subject !== undefined && parameters.length === 1) {
      const path = this.#pathOf(subject);
      if (path !== undefined && subject.op === "id") {
        const advice = `has() takes a name inside another; for the event itself write has(${event_name}.${path})`;
        throw new ExpressionError(advice, subject.pos);
      }
      if (path !== undefined) {
        this.source += this.#variable("has", path);
        return;
      }
    }
    this.#list(`${name}(`, parameters, ")");
  }

  #writeMethod([name, receiver, parameters]: [string, ASTNode, ASTNode[]]): void {
    const isBind = name === "bind" && receiver.op === "id" && receiver.args === "cel";
    if (isBind) this.source += "cel";
    else this.#write(receiver);
    const variable = parameters[0];
    const binds = isBind || macros.get(name)?.includes(parameters.length) === true;
    if (binds && variable?.op === "id") {
      this.source += `.${name}(${variable.args}`;
      // The value that cel.bind gives its variable does not see the variable yet.
      if (isBind) this.#list(", ", parameters.slice(1, 2), "");
      this.#writeBodies(name, variable.args, parameters.slice(isBind ? 2 : 1));
      return;
    }
    if (name === "matches") this.#rememberPattern(parameters[0], receiver.pos);
    this.#list(`.${name === "matches" ? linear_matches : name}(`, parameters, ")");
  }

  /** What a macro makes of every item; with `map`, that is kept, and so may not be large. */
  #writeBodies(macro: string, variable: string, bodies: ASTNode[]): void {
    const bound = this.#bound;
    const loops = macro === "bind" ? 0 : 1;
    this.#loops += loops;
    this.#bound = new Map([...bound, [variable, this.#loops]]);
    this.#list(", ", bodies, ")", macro !== "map" && macro !== "bind");
    this.#bound = bound;
    this.#loops -= loops;
  }

  #rememberPattern(parameter: ASTNode | undefined, position: number): void {
    if (parameter?.op !== "value" || typeof parameter.args !== "string") {
      const at = parameter?.pos ?? position;
      throw new ExpressionError("matches() needs its pattern as a string literal", at);
    }
    this.patterns.push({ text: parameter.args, position: parameter.pos });
  }

  #writeMap(entries: [ASTNode, ASTNode][]): void {
    this.source += "{";
    for (const [index, [key, value]] of entries.entries()) {
      if (index > 0) this.source += ", ";
      this.#write(key);
      this.source += ": ";
      this.#write(value);
    }
    this.source += "}";
  }

  #writeTernary([test, yes, no]: [ASTNode, ASTNode, ASTNode], isCompared: boolean): void {
    this.#list("(", [test], " ? ", true);
    this.#list("", [yes], " : ", isCompared);
    this.#list("", [no], ")", isCompared);
  }

  #list(opening: string, nodes: ASTNode[], closing: string, isCompared = false): void {
    this.source += opening;
    for (const [index, node] of nodes.entries()) {
      if (index > 0) this.source += ", ";
      this.#write(node, isCompared);
    }
    this.source += closing;
  }

  #variable(kind: Slot["kind"], path: string): string {
    const known = this.slots.find((slot) => slot.kind === kind && slot.path === path);
    if (known !== undefined) return known.variable;
    const variable = this.#prefix + this.slots.length;
    this.slots.push({ variable, kind, path });
    return variable;
  }

  /** Whether it is the event's time: see times.ts. */
  #isTime(node: ASTNode): boolean {
    const isNamed = node.op === "id" && node.args === time_name;
    return isNamed && this.#timesAreMeant && !this.#bound.has(time_name);
  }

  /** The path that a chain of names and literal indexes is, where it begins at a value of the event. */
  #pathOf(node: ASTNode): string | undefined {
    const isType = (name: string): boolean => this.#typesAreMeant && type_names.has(name);
    return eventPath(node, (name) => this.#bound.has(name) || isType(name));
  }
}
