/**
 * The framing `docker`, as a user has it.
 */
import { z } from "zod";
import type { Framing } from "../contract/framing.ts";
import { containerFramer } from "./container-framer.ts";
import { dockerLine } from "./docker-line.ts";

const options = z
  .strictObject({})
  .describe(
    "Logs of Docker's json-file driver: a record is what `log` holds, joined up to its line end, for stdout and stderr apart; the " +
      "time is that of the line, unless the record has one, and `stream` and what `attrs` holds are indexed fields.",
  );

export const docker: Framing<z.output<typeof options>> = {
  options,
  explain: () =>
    "A record is a line of a container, out of Docker's json-file log; its parts are joined for each stream.",
  framer: () => containerFramer(dockerLine),
};
