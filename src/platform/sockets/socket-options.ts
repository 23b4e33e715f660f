/**
 * The options of a UNIX socket that is listened on, as users write them.
 */
import { z } from "zod";
import { socket_path_bytes_max } from "./socket-file.ts";

export const socketPath = z.string().superRefine((path, context) => {
  const fault = faultOfSocketPath(path);
  if (fault !== undefined) context.addIssue(fault);
});

/** What is wrong with the path of a socket; undefined where nothing is. */
export function faultOfSocketPath(path: string): string | undefined {
  if (!path.startsWith("/") || path.endsWith("/") || path.includes("\0")) {
    return "expected an absolute path, such as /run/tallyman/audit.sock";
  }
  if (Buffer.byteLength(path) <= socket_path_bytes_max) return undefined;
  return `expected a path of at most ${socket_path_bytes_max} bytes`;
}

/** What is wrong with a mode that is no text; undefined where nothing can be said of it. */
export function faultOfSocketMode(mode: unknown): string | undefined {
  // YAML reads 0660 without quotes as the decimal number 660.
  return typeof mode === "number" ? 'expected a mode in quotes, such as "0660"' : undefined;
}

export const socketMode = z
  .string({ error: ({ input }) => faultOfSocketMode(input) })
  .regex(/^0?[0-7]{3}$/, 'expected a mode of three octal digits, such as "0660"');
