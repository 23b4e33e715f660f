/**
 * Regular expressions (RE2) as options.
 */
import { RE2JS } from "re2js";
import { z } from "zod";

/** It stays text: a reload compares options as they are written. */
export const pattern = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    try {
      RE2JS.compile(text);
    } catch (cause) {
      context.addIssue(cause instanceof Error ? cause.message : String(cause));
    }
  });
