/** Agents of one name, or aggregators of one state, that answer at the same time: as on a host that was copied. */
import type { Report } from "../../../platform/nats/books/report.ts";

export interface SharedName {
  readonly role: Report["role"];
  readonly id: string;
  /** Of each of them. */
  readonly hosts: readonly string[];
}

/** Of answers to one question: who was started again has answered only once. */
export function sharedNames(reports: readonly Report[]): SharedName[] {
  const by_name = Map.groupBy(reports, ({ role, id }) => `${role} ${id}`);
  return [...by_name.values()].flatMap((all) => {
    const hosts = new Map(all.map(({ instance, name }) => [instance, name]));
    const { role, id } = all[0]!;
    return hosts.size < 2 ? [] : [{ role, id, hosts: [...hosts.values()].toSorted(inOrder) }];
  });
}

function inOrder(one: string, other: string): number {
  return one.localeCompare(other);
}
