/**
 * What an aggregator tells an agent of a message that it has refused, beside its receipts. It settles nothing: the agent keeps the
 * batch, and says what has become of it.
 */
import { z } from "zod";

const id_length_max = 256;
const reason_length_max = 200;

export interface RefusalText {
  /** The id under which the message was published; empty where it had none. */
  readonly id: string;
  /** The lane that its subject names. */
  readonly lane: string;
  readonly reason: string;
}

const refusal = z.lazy(() =>
  z.object({
    v: z.literal(1),
    refused: z.object({
      id: z.string().max(id_length_max),
      lane: z.string().max(id_length_max),
      reason: z.string().max(reason_length_max),
    }),
  }),
);

/** Whoever does not know refusals takes it for a receipt of no batch, and passes over it. */
export function writeRefusal({ id, lane, reason }: RefusalText): string {
  const refused = {
    id: id.slice(0, id_length_max),
    lane: lane.slice(0, id_length_max),
    reason: reason.slice(0, reason_length_max),
  };
  return JSON.stringify({ v: 1, id: "", sum: "", refused });
}

/** Undefined where it is none. */
export function readRefusal(text: string): RefusalText | undefined {
  // Nearly all are receipts.
  if (!text.includes('"refused"')) return undefined;
  try {
    return refusal.parse(JSON.parse(text)).refused;
  } catch {
    return undefined;
  }
}
