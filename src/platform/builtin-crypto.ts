/** Cryptography as Node has it, loaded when something needs it: a command without it starts sooner. */

/** The module node:crypto. */
export function builtinCrypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}
