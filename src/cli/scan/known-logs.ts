/**
 * Logs that are known by the keys of their events: what Splunk calls them, and the pack of rules for them.
 */
import type { Fields } from "./fields.ts";

export interface KnownLog {
  /** What it is, as words. */
  readonly title: string;
  /** The sourcetype that Splunk's own add-ons give it, where there is one. */
  readonly sourcetype: string;
  /** The pack of redact rules for it. */
  readonly pack: string | undefined;
  /** Keys from the top, levels apart by dots, that its events have. */
  readonly keys: readonly string[];
}

const known_logs: readonly KnownLog[] = [
  {
    title: "S3 audit events of WEKA or MinIO",
    sourcetype: "weka:s3:audit",
    pack: "s3_audit",
    keys: ["api", "requestHeader"],
  },
  {
    title: "AWS CloudTrail",
    sourcetype: "aws:cloudtrail",
    pack: "cloudtrail",
    keys: ["eventVersion", "eventSource", "eventName"],
  },
  {
    title: "Kubernetes audit events",
    sourcetype: "kube:apiserver:audit",
    pack: "kubernetes",
    keys: ["auditID", "verb", "requestURI"],
  },
  {
    title: "Vault audit events",
    sourcetype: "hashicorp_vault_audit_log",
    pack: "vault",
    keys: ["auth", "request", "type"],
  },
];

/** The known log whose keys nearly all of the events have. */
export function knownLog({ root }: Fields): KnownLog | undefined {
  if (root.count === 0) return undefined;
  const enough = root.count * 0.9;
  return known_logs.find(({ keys }) =>
    keys.every((key) => (root.children.get(key)?.count ?? 0) >= enough),
  );
}
