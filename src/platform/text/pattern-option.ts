/**
 * Regular expressions (RE2) as options.
 */
import { z } from "zod";
import { linearPattern } from "./linear-pattern.ts";

/** It stays text: a reload compares options as they are written. */
export const pattern = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    try {
      linearPattern(text);
    } catch (cause) {
      context.addIssue(cause instanceof Error ? cause.message : String(cause));
    }
  });
