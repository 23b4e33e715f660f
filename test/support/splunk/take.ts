/** Events that a node has accepted from one request: first in its queue, then indexed, unless it dies before. */

export interface Take<E> {
  readonly events: readonly E[];
  state: "queued" | "indexed" | "lost";
  /** When it is to be indexed, by the node's clock. */
  readonly due_ms: number;
}
