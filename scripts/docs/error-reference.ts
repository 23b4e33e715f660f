/**
 * docs/operations/errors.md, from the table of error codes.
 */
import { errorCodes } from "../../src/platform/errors.ts";

export function errorReference(): string {
  const sections = Object.entries(errorCodes).map(
    ([code, { exit, meaning, remedy }]) =>
      `## ${code}\n\n${meaning}\n\nWhat to do: ${remedy}\n\nExit status: ${exit}.\n`,
  );
  return [
    "<!-- Generated from src/platform/errors.ts by `npm run docs`. Do not edit. -->\n",
    "# Errors\n",
    "Every error that a user can act on has a code, which stays the same from version to version. A command\n" +
      "that ends with one prints what was wrong, where, and what to do, and exits with the status given here.\n" +
      "`tallyman status` and `tallyman try` exit with 3 when they find a problem. Any other exit status above 2\n" +
      "is a bug in tallyman or a plugin; please report it.\n",
    ...sections,
  ].join("\n");
}
