/**
 * Small parts of CEL expressions: literals in writing, names of types, and the error that places a mistake.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import { isMetadataName } from "./condition-slots.ts";

/** Something in the expression that tallyman does not allow; `position` is an offset in it. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** In an expression that calls type(), these are types. In any other they are names of an event's values. */
export const type_names = new Set([
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

/** google.protobuf.Timestamp and google.protobuf.Duration are types. */
export function isWellKnownType(node: ASTNode): boolean {
  if (node.op !== ".") return false;
  const [object] = node.args;
  if (object.op === "id") return object.args === "google" && node.args[1] === "protobuf";
  return isWellKnownType(object);
}

/** The literal in CEL; throws ExpressionError for one that is not supported. */
export function celLiteral(value: unknown, position: number): string {
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

/** The one parameter of `metadata()`. */
export function metadataName(parameters: ASTNode[], position: number): string {
  const [name] = parameters;
  const text = parameters.length === 1 && name?.op === "value" ? name.args : undefined;
  if (typeof text === "string" && isMetadataName(text)) return text;
  const known = '"host", "source", "sourcetype", "index" or, for an indexed field, "fields.NAME"';
  throw new ExpressionError(`metadata() needs one of ${known}`, position);
}
