/** TLS as Node has it, loaded when something needs it: an agent without TLS starts sooner, in less memory. */

/** The module node:tls. */
export function builtinTls(): typeof import("node:tls") {
  return process.getBuiltinModule("node:tls");
}
