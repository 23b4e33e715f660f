/** What a running agent tells on its admin socket, as a scraper reads it. */
import { ask } from "../../../src/admin/ask.ts";
import type { Status } from "../../../src/admin/status/status.ts";
import { ManualClock } from "../clocks/manual-clock.ts";

/** No time passes on it: on a busy machine an agent may take long to answer. */
const patient = new ManualClock();

/** The value of every line by its name and labels, such as `tallyman_events_received_total{input="audit"}`. */
export async function scrape(socket: string): Promise<Map<string, number>> {
  const { body } = await ask({ method: "GET", path: "/metrics", at: socket }, patient);
  const lines = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(" ");
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

export async function askStatus(socket: string): Promise<Status> {
  const { body } = await ask({ method: "GET", path: "/status", at: socket }, patient);
  return JSON.parse(body) as Status;
}
