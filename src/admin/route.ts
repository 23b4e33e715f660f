/**
 * What the admin listener answers, and where: one row a path.
 */

export interface Answer {
  readonly status: number;
  /** The content type. */
  readonly type: string;
  readonly body: string;
}

export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Whether it is there on the UNIX socket alone, whose mode says who may use it. */
  readonly unix_only: boolean;
  /** The answer. Where it rejects, that is a bug of ours: the client gets a 500, and the log the place. */
  answer(): Promise<Answer>;
}

export function textAnswer(status: number, text: string): Answer {
  return { status, type: "text/plain; charset=utf-8", body: `${text}\n` };
}

export function jsonAnswer(status: number, value: unknown): Answer {
  return { status, type: "application/json", body: `${JSON.stringify(value)}\n` };
}
