/** Asks all agents or all aggregators of a fleet for their books. Nobody knows how many there are: it ends when no more answers come. */
import { randomUUID } from "node:crypto";
import type { Clock } from "../../clock.ts";
import type { NatsConnection } from "../connection.ts";
import { askSubject, booksSubject } from "../subjects.ts";
import { Parts, readPart, writeAsk, type Report } from "./report.ts";

const asked_ms_max = 60_000;

export interface Asked {
  readonly prefix: string;
  readonly role: Report["role"];
  /** How long no answer has to come until it is over. */
  readonly quiet_ms: number;
}

/** What has come in whole, of each that has answered. */
export async function askForBooks(
  connection: NatsConnection,
  { prefix, role, quiet_ms }: Asked,
  clock: Clock,
): Promise<Report[]> {
  const ask = randomUUID();
  const answers = new Map<string, Parts>();
  let heard_ms = clock.monotonic();
  const subscription = connection.subscribe(booksSubject(prefix, role, "*"), {
    callback: (error, message) => {
      if (error !== null) return;
      // The servers let each answer in its own name only.
      const name = message.subject.split(".").at(-1)!;
      const part = readPart(message.string(), ask);
      if (part?.report.role !== role || part.report.id !== name) return;
      const key = `${name} ${part.report.instance} ${part.report.of}`;
      const parts = answers.get(key) ?? new Parts();
      parts.add(part);
      answers.set(key, parts);
      heard_ms = clock.monotonic();
    },
  });
  await connection.flush();
  connection.publish(askSubject(prefix, role), writeAsk(ask));
  await connection.flush();
  const end_ms = clock.monotonic() + asked_ms_max;
  for (let now_ms = heard_ms; now_ms < heard_ms + quiet_ms && now_ms < end_ms;) {
    await clock.sleep(heard_ms + quiet_ms - now_ms);
    now_ms = clock.monotonic();
  }
  subscription.unsubscribe();
  return [...answers.values()].flatMap(({ whole }) => (whole === undefined ? [] : [whole]));
}
