/**
 * The functions that tallyman adds to CEL: `now()`, `metadata()`, `ip_in()`, and `in file()`; and the literals of
 * `duration()` and `timestamp()`. What they are given is checked when the condition is compiled.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import { ExpressionError, metadataName } from "./cel-literal.ts";
import { timeLiteral } from "./times.ts";

/** A text in the expression, and where it is. */
export interface PlacedText {
  readonly text: string;
  readonly position: number;
}

/** What a value is tested against: a list in a file, or networks that are in the expression. */
export type TestSource =
  | { readonly kind: "values" | "networks"; readonly file: PlacedText }
  | { readonly kind: "networks"; readonly file?: undefined; readonly texts: readonly PlacedText[] };

/** What a call or an operator is, where it is tallyman's. */
export type OwnPart =
  | { readonly kind: "now" }
  | { readonly kind: "metadata"; readonly name: string }
  | { readonly kind: "literal"; readonly source: string }
  | { readonly kind: "test"; readonly subject: ASTNode; readonly source: TestSource };

const ip_in_usage =
  'ip_in() needs a value and networks: ip_in(ip, "10.0.0.0/8"), ip_in(ip, ["10.0.0.0/8", "fd00::/8"]) or ' +
  'ip_in(ip, file("/etc/tallyman/networks.txt"))';
const file_usage =
  'file() stands behind `in`, or in ip_in(), with a path in quotes: user in file("/etc/tallyman/users.txt")';

/** Undefined for what is CEL's. Throws ExpressionError for a function that is not given what it takes. */
export function ownPart(node: ASTNode): OwnPart | undefined {
  if (node.op === "in") {
    const [subject, list] = node.args;
    const file = fileOf(list);
    return file && { kind: "test", subject, source: { kind: "values", file } };
  }
  if (node.op !== "call") return undefined;
  const [name, parameters] = node.args;
  switch (name) {
    case "now":
      if (parameters.length === 0) return { kind: "now" };
      throw new ExpressionError("now() takes nothing between its parentheses", node.pos);
    case "metadata":
      return { kind: "metadata", name: metadataName(parameters, node.pos) };
    case "duration":
    case "timestamp": {
      const text = textOf(parameters[0]);
      if (text === undefined || parameters.length !== 1) return undefined;
      return { kind: "literal", source: timeLiteral(name, text.text, text.position) };
    }
    case "ip_in":
      return addressTest(parameters, node.pos);
    case "file":
      throw new ExpressionError(file_usage, node.pos);
    default:
      return undefined;
  }
}

function addressTest(parameters: readonly ASTNode[], position: number): OwnPart {
  const [subject, networks] = parameters;
  if (subject === undefined || networks === undefined || parameters.length !== 2) {
    throw new ExpressionError(ip_in_usage, position);
  }
  const file = fileOf(networks);
  if (file !== undefined) {
    return { kind: "test", subject, source: { kind: "networks", file } };
  }
  const texts = (networks.op === "list" ? networks.args : [networks]).map(textOf);
  if (texts.length === 0 || !texts.every((text) => text !== undefined)) {
    throw new ExpressionError(ip_in_usage, networks.pos);
  }
  return { kind: "test", subject, source: { kind: "networks", texts } };
}

/** The file, where the node is a call of file(). */
function fileOf(node: ASTNode): PlacedText | undefined {
  if (node.op !== "call" || node.args[0] !== "file") return undefined;
  const [, parameters] = node.args;
  const path = textOf(parameters[0]);
  if (path === undefined || path.text === "" || parameters.length !== 1) {
    throw new ExpressionError(file_usage, node.pos);
  }
  return path;
}

function textOf(node: ASTNode | undefined): PlacedText | undefined {
  if (node?.op !== "value" || typeof node.args !== "string") return undefined;
  return { text: node.args, position: node.pos };
}
