/**
 * The option `encoding:`, of every input that reads files or streams.
 */
import { z } from "zod";
import { encodings } from "./framing/decoding/encodings.ts";

export const encodingOption = z
  .enum(["auto", ...encodings])
  .default("auto")
  .describe(
    "How characters are written. `auto`: UTF-8, or UTF-16 where the first bytes are its byte order mark or have its shape. All " +
      "but UTF-8 is decoded to UTF-8 before any step sees it. A byte order mark decides, whatever is said here.",
  );
