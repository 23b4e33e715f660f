/**
 * The words and signs that the text mask takes notice of, from its own grammar as far as that says them.
 */
import { quotes } from "../../../src/chain/masking/characters.ts";
import { separating } from "../../../src/chain/masking/separator.ts";
import { wantedCredentials } from "../../../src/chain/masking/wanted.ts";

/** Names of secrets, an odd one among them. */
export const names = ["authorization", "cookie", "password", "token", "pin", "="];

/** All that the mask takes notice of. */
export const grammar = [
  ...new Set(
    [
      names,
      // A NUL as it stands ends all work at once.
      wantedCredentials("***").map(({ word }) => (word === "\0" ? "\\0" : word)),
      Array.from(quotes),
      Array.from(Object.values(separating).join("")),
      // Spellings, whole and cut off.
      [
        '\\"',
        "\\u0022",
        "\\x22",
        "\\042",
        "\\u",
        "\\u0000",
        "%22",
        "%25",
        "%",
        "&quot;",
        "&amp;",
        "&#",
      ],
      [
        "\u001b[36m",
        "\u001b",
        "\\e[0m",
        "^[[",
        "ſ",
        "\u200b",
        "“",
        "é",
        "-----begin ",
        "signedheaders=",
      ],
      // Elements, line ends, indentation, words and their parts, values of JSON.
      ["<", "</", "</password>", "\n ", "value", "end", "private key", "identified by ", "for "],
      ["is ", "a", "A1", "_", "1", "true", "user:", "@host", "b'", "signature"],
    ].flat(),
  ),
];
