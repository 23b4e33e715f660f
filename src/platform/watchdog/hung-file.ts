/** Reading the file of the events on which steps hung. */
import { z } from "zod";
import { readOwn } from "../files/own-file.ts";
import type { HungEvent } from "./hung-events.ts";

const hungFile = z.object({
  events: z.array(
    z.object({ code: z.string(), step: z.string(), bytes: z.number(), sha256: z.string() }),
  ),
});

/** Nothing where it cannot be read or understood: then a step hangs once more, and its event is kept again. */
export async function readHungEvents(file: string): Promise<HungEvent[]> {
  try {
    return hungFile.parse(JSON.parse(await readOwn(file))).events;
  } catch {
    return [];
  }
}
