/** One connection for one look or one change, for commands: it is closed afterwards, and what fails is said at once. */
import type { Clock } from "../clock.ts";
import { silentLogger, type Logger } from "../log.ts";
import { NatsLink, type NatsConnection } from "./connection.ts";
import type { NatsAccess } from "./options.ts";
import type { Role } from "./subjects.ts";

/** Whose rights a connection asks for: its inbox is called so. */
interface Who {
  readonly role: Role;
  readonly name: string;
}

/** What `work` makes of a connection. Rejects with why there is none, or as `work` does. */
export async function withNats<Made>(
  options: NatsAccess,
  clock: Clock,
  work: (connection: NatsConnection) => Promise<Made>,
  who: Who = { role: "setup", name: `${process.pid}` },
): Promise<Made> {
  const { promise: opened, resolve } = Promise.withResolvers<void>();
  const failures: string[] = [];
  const log = { ...silentLogger, error: noteErrors(failures, () => resolve()) };
  const link = new NatsLink(options, {
    ...who,
    clock,
    log,
    logged: {},
    onUp: () => resolve(),
  });
  link.start();
  try {
    await opened;
    const { connection } = link;
    if (connection === undefined) throw new Error(failures[0] ?? "no server can be reached");
    return await work(connection);
  } finally {
    await link.close();
  }
}

type Line = Logger["error"];

/** The first failure ends the wait. */
function noteErrors(failures: string[], onFailure: () => void): Line {
  return (_code, { error }: { readonly [fact: string]: unknown }) => {
    failures.push(String(error));
    onFailure();
  };
}
