/**
 * Takes a CEL expression apart: which values of an event it names, and the same expression with a variable
 * in the place of each, so that it can be evaluated on those few values.
 *
 *     api.name == "x" && has(a.b)   →   value_0 == "x" && value_1     with value_0 = api.name, value_1 = has(a.b)
 *
 * A chain of member names ends where a method is called or an index is computed. The variables of macros
 * (exists, all, …) are not the event's. Literals and operators are written out anew, in full parentheses.
 */
import type { ASTNode } from "@marcbachmann/cel-js";

/** A value of the event that stands as a variable in the rewritten source. */
export interface Slot {
  readonly variable: string;
  /** `get`: the value; `has`: whether there is one. */
  readonly kind: "get" | "has";
  /** As tallyman writes paths. */
  readonly path: string;
}

/** A pattern of `matches`, and where it stands in the expression. */
export interface Pattern {
  readonly text: string;
  readonly position: number;
}

export interface RewrittenExpression {
  readonly source: string;
  readonly slots: readonly Slot[];
  readonly patterns: readonly Pattern[];
  /** The offset in the original expression of what stands at this offset of `source`. */
  originalPosition(offset: number): number;
}

/** Something in the expression that tallyman does not allow; `position` is an offset in it. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** What takes the place of `matches`: it uses a linear-time engine instead of the language's own. */
export const linear_matches = "matches_linear";

/** In an expression that calls type(), these are types. In any other they are names of an event's values. */
const type_names = new Set([
  "bool",
  "bytes",
  "double",
  "int",
  "list",
  "map",
  "null_type",
  "string",
  "type",
  "uint",
]);

/** Methods that bind their first argument as a variable, and how many arguments they then have. */
const macros = new Map([
  ["all", [2]],
  ["exists", [2]],
  ["exists_one", [2]],
  ["filter", [2]],
  ["map", [2, 3]],
]);

type Bound = ReadonlySet<string>;

export function rewriteExpression(ast: ASTNode, expression: string): RewrittenExpression {
  return new Rewriter(ast, expression);
}

class Rewriter implements RewrittenExpression {
  source = "";
  readonly slots: Slot[] = [];
  readonly patterns: Pattern[] = [];
  readonly #prefix: string;
  readonly #typesAreMeant: boolean;
  readonly #outputStarts: number[] = [];
  readonly #originalStarts: number[] = [];

  constructor(ast: ASTNode, expression: string) {
    let prefix = "value_";
    while (expression.includes(prefix)) prefix += "_";
    this.#prefix = prefix;
    this.#typesAreMeant = /\btype\s*\(/.test(expression);
    this.#write(ast, new Set());
  }

  originalPosition(offset: number): number {
    const after = this.#outputStarts.findIndex((start) => start > offset);
    return this.#originalStarts.at(after < 0 ? -1 : after - 1) ?? 0;
  }

  #write(node: ASTNode, bound: Bound): void {
    this.#outputStarts.push(this.source.length);
    this.#originalStarts.push(node.pos);
    const path = this.#pathOf(node, bound);
    if (path !== undefined) {
      this.source += this.#variable("get", path);
      return;
    }
    switch (node.op) {
      case "value":
        this.source += literal(node.args, node.pos);
        return;
      case "id":
        this.source += node.args;
        return;
      case "call":
        return this.#writeCall(node.args, bound);
      case "rcall":
        return this.#writeMethod(node.args, bound);
      case ".":
        this.#write(node.args[0], bound);
        this.source += `.${node.args[1]}`;
        return;
      case "[]":
        this.#write(node.args[0], bound);
        return this.#list("[", [node.args[1]], "]", bound);
      case "list":
        return this.#list("[", node.args, "]", bound);
      case "map":
        return this.#writeMap(node.args, bound);
      case "!_":
        return this.#list("(!", [node.args], ")", bound);
      case "-_":
        return this.#list("(-", [node.args], ")", bound);
      case "?:":
        return this.#writeTernary(node.args, bound);
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
        this.source += "(";
        this.#write(node.args[0], bound);
        this.source += ` ${node.op} `;
        this.#write(node.args[1], bound);
        this.source += ")";
    }
  }

  #writeCall([name, parameters]: [string, ASTNode[]], bound: Bound): void {
    const subject = parameters[0];
    if (name === "has" && subject !== undefined && parameters.length === 1) {
      const path = this.#pathOf(subject, bound);
      if (path !== undefined && subject.op !== "id") {
        this.source += this.#variable("has", path);
        return;
      }
    }
    this.#list(`${name}(`, parameters, ")", bound);
  }

  #writeMethod([name, receiver, parameters]: [string, ASTNode, ASTNode[]], bound: Bound): void {
    const isBind = name === "bind" && receiver.op === "id" && receiver.args === "cel";
    if (isBind) this.source += "cel";
    else this.#write(receiver, bound);
    const variable = parameters[0];
    const binds = isBind || macros.get(name)?.includes(parameters.length) === true;
    if (binds && variable?.op === "id") {
      const inner = new Set([...bound, variable.args]);
      this.source += `.${name}(${variable.args}`;
      for (const [index, parameter] of parameters.entries()) {
        if (index === 0) continue;
        this.source += ", ";
        // The value that cel.bind gives its variable does not see the variable yet.
        this.#write(parameter, isBind && index === 1 ? bound : inner);
      }
      this.source += ")";
      return;
    }
    if (name === "matches") this.#rememberPattern(parameters[0], receiver.pos);
    this.#list(`.${name === "matches" ? linear_matches : name}(`, parameters, ")", bound);
  }

  #rememberPattern(parameter: ASTNode | undefined, position: number): void {
    if (parameter?.op !== "value" || typeof parameter.args !== "string") {
      const at = parameter?.pos ?? position;
      throw new ExpressionError("matches() needs its pattern as a string literal", at);
    }
    this.patterns.push({ text: parameter.args, position: parameter.pos });
  }

  #writeMap(entries: [ASTNode, ASTNode][], bound: Bound): void {
    this.source += "{";
    for (const [index, [key, value]] of entries.entries()) {
      if (index > 0) this.source += ", ";
      this.#write(key, bound);
      this.source += ": ";
      this.#write(value, bound);
    }
    this.source += "}";
  }

  #writeTernary([test, yes, no]: [ASTNode, ASTNode, ASTNode], bound: Bound): void {
    this.#list("(", [test], " ? ", bound);
    this.#write(yes, bound);
    this.#list(" : ", [no], ")", bound);
  }

  #list(opening: string, nodes: ASTNode[], closing: string, bound: Bound): void {
    this.source += opening;
    for (const [index, node] of nodes.entries()) {
      if (index > 0) this.source += ", ";
      this.#write(node, bound);
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

  /** The path that a chain of names and literal indexes is, where it begins at a value of the event. */
  #pathOf(node: ASTNode, bound: Bound): string | undefined {
    if (node.op === "id") {
      if (bound.has(node.args)) return undefined;
      if (this.#typesAreMeant && type_names.has(node.args)) return undefined;
      return node.args;
    }
    if (node.op === ".") {
      if (isWellKnownType(node)) return undefined;
      const parent = this.#pathOf(node.args[0], bound);
      return parent && `${parent}.${node.args[1]}`;
    }
    if (node.op !== "[]") return undefined;
    const [object, index] = node.args;
    if (index.op !== "value") return undefined;
    const parent = this.#pathOf(object, bound);
    if (typeof index.args === "string") return parent && `${parent}[${JSON.stringify(index.args)}]`;
    return typeof index.args === "bigint" ? parent && `${parent}[${index.args}]` : undefined;
  }
}

/** google.protobuf.Timestamp and google.protobuf.Duration are types. */
function isWellKnownType(node: ASTNode): boolean {
  if (node.op !== ".") return false;
  const [object] = node.args;
  if (object.op === "id") return object.args === "google" && node.args[1] === "protobuf";
  return isWellKnownType(object);
}

function literal(value: unknown, position: number): string {
  if (value === null || typeof value === "boolean" || typeof value === "bigint") {
    return String(value);
  }
  // The escapes of a JSON string are escapes of a CEL string, too.
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return /^\d+$/.test(String(value)) ? `${value}.0` : String(value);
  if (value instanceof Uint8Array) {
    return `b"${Array.from(value, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;
  }
  throw new ExpressionError("unsigned literals are not supported; write 1 instead of 1u", position);
}
