/** Answers whoever asks for the books of an agent or an aggregator. */
import type { NatsConnection } from "../connection.ts";
import { askSubject, booksSubject } from "../subjects.ts";
import { partsOf, readAsk, type Report } from "./report.ts";

/** On this connection, as long as it lasts. `make` is called with each question. */
export function answerForBooks(
  connection: NatsConnection,
  prefix: string,
  { role, make }: { readonly role: Report["role"]; readonly make: () => Report },
): void {
  connection.subscribe(askSubject(prefix, role), {
    callback: (error, message) => {
      const ask = error === null ? readAsk(message.string()) : undefined;
      if (ask === undefined) return;
      const made = make();
      const subject = booksSubject(prefix, role, made.id);
      for (const part of partsOf(made, ask)) connection.publish(subject, part);
    },
  });
}
