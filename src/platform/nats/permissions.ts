/**
 * What each part of a fleet has to be allowed in NATS, and no more: an agent can publish under its own name only, and read its own
 * receipts only.
 */
import {
  askSubject,
  batchSubject,
  booksSubject,
  inboxPrefix,
  receiptSubject,
  type Role,
} from "./subjects.ts";

export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export interface FleetNames {
  readonly prefix: string;
  readonly stream: string;
  readonly consumer: string;
}

const roles_asked = ["agent", "aggregator"] as const;

/** `agent` is the agent's name, for its role. */
export function permissionsOf(
  role: Role,
  { prefix, stream, consumer }: FleetNames,
  agent = "AGENT",
): Permissions {
  const inbox = `${inboxPrefix(prefix, role, role === "agent" ? agent : "*")}.>`;
  if (role === "agent") {
    return {
      publish: [batchSubject(prefix, agent, "*"), booksSubject(prefix, "agent", agent)],
      subscribe: [receiptSubject(prefix, agent), askSubject(prefix, "agent"), inbox],
    };
  }
  if (role === "setup") {
    const parts = ["STREAM.INFO", "STREAM.CREATE", "STREAM.UPDATE"];
    const own = parts.map((part) => `$JS.API.${part}.${stream}`);
    const durable = ["INFO", "DURABLE.CREATE", "CREATE"].map(
      (part) => `$JS.API.CONSUMER.${part}.${stream}.${consumer}`,
    );
    const asks = roles_asked.map((each) => askSubject(prefix, each));
    const answers = roles_asked.map((each) => booksSubject(prefix, each, "*"));
    return { publish: [...own, ...durable, ...asks], subscribe: [...answers, inbox] };
  }
  return {
    publish: [
      receiptSubject(prefix, "*"),
      booksSubject(prefix, "aggregator", "*"),
      `$JS.API.CONSUMER.INFO.${stream}.${consumer}`,
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
      `$JS.API.STREAM.PURGE.${stream}`,
      `$JS.API.STREAM.MSG.DELETE.${stream}`,
      `$JS.ACK.${stream}.${consumer}.>`,
    ],
    subscribe: [receiptSubject(prefix, "*"), askSubject(prefix, "aggregator"), inbox],
  };
}

/** The same as a configuration of nats-server has it. */
export function permissionsText({ publish, subscribe }: Permissions, indent: string): string {
  const list = (subjects: readonly string[]): string =>
    subjects.map((subject) => `\n${indent}    "${subject}"`).join("");
  return [
    `${indent}permissions {`,
    `${indent}  publish: { allow: [${list(publish)}\n${indent}  ] }`,
    `${indent}  subscribe: { allow: [${list(subscribe)}\n${indent}  ] }`,
    `${indent}}`,
  ].join("\n");
}
