/** What can become of one request on its way to a node and back: by script, as seen by the sender. */
import type { HecReply } from "./replies.ts";

/** What a refusal says of the event: its number as Splunk gives it, none, or one that cannot be. */
export type NumberGiven = "right" | "missing" | "negative" | "beyond" | "text";

/** What a server does with one request. `taken` says that the events were accepted all the same. */
export type Behaviour =
  /** Answers as Splunk does; a success with another code where one is given. */
  | { kind: "normal"; delay_ms?: number; code?: number; text?: string; number?: NumberGiven }
  /** Answers this. */
  | {
      kind: "answer";
      status: number;
      body?: string;
      headers?: Record<string, string>;
      taken?: boolean;
    }
  /**
   * Accepts the first `taken` events, and answers that it cannot take more; says how many, or does not. Where it says
   * so on a token with acknowledgement it promises one, or does not.
   */
  | {
      kind: "busy";
      code: 9 | 26 | 27;
      taken: number;
      named: boolean;
      unpromised?: boolean;
      retry_after?: string;
    }
  /** Reads the body, and never answers. */
  | { kind: "hang"; taken?: boolean }
  /** Breaks the connection. In the middle of the answer the events are accepted always. */
  | {
      kind: "reset";
      when: "before_body" | "during_body" | "after_body" | "during_answer";
      taken?: boolean;
    }
  /** Ends the connection without a byte of an answer. */
  | { kind: "close"; taken?: boolean }
  /** Accepts the body, and answers with a Content-Length that is wrong by so many bytes. */
  | { kind: "wrong_length"; bytes: number }
  /** Accepts the body, answers the half, and then no more. */
  | { kind: "half_answer" }
  /** Answers the head, and then a byte now and then, without end. */
  | { kind: "drip"; status: number; taken?: boolean }
  /** Answers with bytes that are no HTTP. */
  | { kind: "garbage"; bytes: string; taken?: boolean };

/** What the sender gets to see of it. */
export type Wire =
  | { kind: "reply"; reply: HecReply; delay_ms: number }
  | { kind: "reset"; during: HecReply | undefined }
  | { kind: "close" }
  | { kind: "silence" }
  | { kind: "wrong_length"; reply: HecReply; bytes: number }
  | { kind: "half_answer"; reply: HecReply }
  | { kind: "drip"; status: number }
  | { kind: "garbage"; bytes: string };

/** Whether the connection breaks before the whole body was read, so that no node ever sees the request. */
export function breaksEarly(
  behaviour: Behaviour,
): behaviour is Behaviour & { kind: "reset"; when: "before_body" | "during_body" } {
  return (
    behaviour.kind === "reset" &&
    (behaviour.when === "before_body" || behaviour.when === "during_body")
  );
}
