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
    "Logs of Docker's json-file driver: a record is the text of `log`, joined up to its line end, separately for stdout and " +
      "stderr. The time is that of the line, unless the record has one; `stream` and the texts in `attrs` are indexed fields.",
  );

const docker_line = /^\{"log":"(?:[^"\\]|\\.)*","stream":"std(?:out|err)"/;

export const docker: Framing<z.output<typeof options>> = {
  options,
  explain: () =>
    "A record is a line of a container, out of Docker's json-file log; its parts are joined for each stream.",
  fits: (text) =>
    docker_line.test(text)
      ? {
          write: "docker",
          seen: "is the log of a container (json-file), whose lines are text in JSON",
        }
      : undefined,
  framer: () => containerFramer(dockerLine),
};
