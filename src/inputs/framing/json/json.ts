/**
 * The framing `json`, as a user has it.
 */
import { z } from "zod";
import { PathError } from "../../../event/scan/path.ts";
import type { Framing } from "../contract/framing.ts";
import { jsonFramer } from "./json-framer.ts";
import { fittingJson } from "./fitting.ts";
import { documents, elementsAt } from "./shape.ts";

const options = z.strictObject({
  records: z
    .string()
    .min(1)
    .superRefine((path, context) => {
      try {
        elementsAt(path);
      } catch (error) {
        if (!(error instanceof PathError)) throw error;
        context.addIssue(
          `expected a path of keys such as Records or a.b, or "." : ${error.message}`,
        );
      }
    })
    .optional()
    .describe(
      "Path of the array in each document whose elements are the records, such as `Records` in CloudTrail or `items` in a " +
        "Kubernetes list; `.` for a document that is the array. What is beside the array is not shipped. By default each " +
        "document is a record.",
    ),
});

export const json: Framing<z.output<typeof options>> = {
  options,
  explain: ({ records }) => {
    if (records === undefined) {
      return "A record is a JSON object or array, on one line or several; line ends do not matter.";
    }
    const array = records === "." ? "that each document is" : `at ${records} in each document`;
    return `A record is an object in the JSON array ${array}; what is beside the array is not shipped.`;
  },
  fits: (text) => {
    const write = fittingJson(text);
    return write === undefined
      ? undefined
      : { write, seen: "begins like JSON that is not one record a line" };
  },
  framer: ({ records }) => jsonFramer(records === undefined ? documents : elementsAt(records)),
};
