/**
 * The subjects of a fleet, and the words in them.
 *
 *     tally.ev.<agent>.<lane>     batches of events, kept in the stream
 *     tally.rcpt.<agent>          receipts: what of them was delivered
 *     tally.ask.agents            a question for the books of all agents; the same of `aggregators`
 *     tally.books.agent.<agent>   an answer, which each may give in its own name only; the same of `aggregator`
 */

/** An agent's name is a word of a subject: of permissions, too. */
const agent_name = /^[A-Za-z0-9_-]{1,64}$/;
const lane_name = /^[a-z2-7]{8}$/;

export function isAgentName(text: string): boolean {
  return agent_name.test(text);
}

/** A machine's name as an agent's. */
export function agentNameOf(host: string): string {
  const name = host.replaceAll(/[^A-Za-z0-9_-]/g, "-").slice(0, 64);
  return name === "" ? "agent" : name;
}

export function isLaneName(text: string): boolean {
  return lane_name.test(text);
}

export function batchSubject(prefix: string, agent: string, lane: string): string {
  return `${prefix}.ev.${agent}.${lane}`;
}

/** All subjects that the stream keeps. */
export function allBatches(prefix: string): string {
  return `${prefix}.ev.>`;
}

/** `*` for the receipts of all agents. */
export function receiptSubject(prefix: string, agent: string): string {
  return `${prefix}.rcpt.${agent}`;
}

/** The agent that a subject is of, for either kind; undefined for any other subject. */
export function agentOf(prefix: string, subject: string): string | undefined {
  const [first, kind, agent, ...rest] = subject.split(".");
  if (first !== prefix || agent === undefined || !isAgentName(agent)) return undefined;
  if (kind === "rcpt") return rest.length === 0 ? agent : undefined;
  return kind === "ev" && rest.length === 1 && isLaneName(rest[0]!) ? agent : undefined;
}

export type ReportRole = "agent" | "aggregator";

export function askSubject(prefix: string, role: ReportRole): string {
  return `${prefix}.ask.${role}s`;
}

/** `*` for those of all. */
export function booksSubject(prefix: string, role: ReportRole, name: string): string {
  return `${prefix}.books.${role}.${name}`;
}

/** What a connection is for: an agent's name and an aggregator's may be the same. */
export type Role = "agent" | "aggregator" | "setup";

/** Where answers to requests come: a place for each, so that nobody else can read them. */
export function inboxPrefix(prefix: string, role: Role, name: string): string {
  return `_INBOX_${prefix}_${role}.${name}`;
}
