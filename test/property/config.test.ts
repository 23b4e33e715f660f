/**
 * Goal: no text whatsoever makes the loading of a configuration crash, or show a secret.
 * Method: the example configuration, spoilt at random places with bits of YAML and of itself.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { readDocument } from "../../src/config/document/document.ts";
import { ConfigFile } from "../../src/config/document/config-file.ts";
import { validate } from "../../src/config/validate.ts";
import { sampled } from "../support/effort.ts";

const secret = "s3cr3t-0123456789-abcdef";
const example = readFileSync("config.example.yaml", "utf8").replaceAll(/^\s*#.*\n/gm, "");
const context = { environment: { SPLUNK_HEC_TOKEN: secret }, folder: "/etc/tallyman" };

const bits = fc.oneof(
  fc.constantFrom(
    ..."[ ] { } : - ? , & * ! | > ' \" % @ ` # \t \n \\ ~ 1 null true &a *a <<: --- ... $${ ${ }".split(
      " ",
    ),
    "\n",
    "\t",
    "\r\n",
    "  ",
    "${env:SPLUNK_HEC_TOKEN}",
    "${env:",
    "token",
    "__proto__: ",
    "\u0000",
    "\uFEFF",
    "\u2028",
  ),
  fc
    .nat(example.length)
    .chain((from) => fc.nat(80).map((size) => example.slice(from, from + size))),
  fc.string(),
);

const spoilt = fc
  .array(fc.record({ at: fc.nat(example.length), cut: fc.nat(40), bit: bits }), { maxLength: 6 })
  .map((changes) =>
    changes.reduce(
      (text, { at, cut, bit }) => text.slice(0, at) + bit + text.slice(at + cut),
      example,
    ),
  );

sampled(
  "config - a spoilt configuration ends in settings or complaints, without any secret",
  { sample: 25, all: 500 },
  (runs) => {
    fc.assert(
      fc.property(spoilt, (text) => {
        const document = readDocument(text, context);
        const source = new ConfigFile("config.yaml", document);
        const verdict = validate(document.value, context.folder, source);
        const complaints = [
          ...document.mistakes.map((each) =>
            source.complainAt(each.offset, each.path, each.message),
          ),
          ...verdict.complaints,
        ];
        if (verdict.settings === undefined && complaints.length === 0) return false;
        if (complaints.some(({ line, column }) => !(line! >= 1) || !(column! >= 1))) return false;
        return !JSON.stringify([complaints, source.masked([])]).includes(secret);
      }),
      { numRuns: runs },
    );
  },
);

sampled("config - any text at all ends in settings or complaints", { all: 300 }, (runs) => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
      const document = readDocument(text, context);
      const source = new ConfigFile("config.yaml", document);
      const { settings, complaints } = validate(document.value, context.folder, source);
      return settings === undefined && complaints.length + document.mistakes.length > 0;
    }),
    { numRuns: runs },
  );
});
