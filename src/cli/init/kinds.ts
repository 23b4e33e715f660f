/**
 * The kinds of logs that `tallyman init` knows: where they usually are, how they are read, and what of them is secret.
 */
import { TallymanError } from "../../platform/errors.ts";
import { suggestion } from "../../platform/text/suggest.ts";
import { kind_names, type KindName } from "./kind-names.ts";

/** How a sender posts its events to an `hec` input. */
export interface Webhook {
  /** Below the address of the input. */
  readonly path: string;
  /** What to run at the sender, with the endpoint and the file of the token. */
  setUp(endpoint: string, token_file: string): readonly string[];
}

export interface LogKind {
  readonly name: KindName;
  readonly title: string;
  readonly input_name: string;
  /** Undefined where only the log itself can tell. */
  readonly sourcetype: string | undefined;
  readonly pack: string | undefined;
  /** As YAML; undefined for lines. */
  readonly framing: string | undefined;
  /** Where its files usually are: globs. */
  readonly places: readonly string[];
  readonly webhook: Webhook | undefined;
  /** Whether its events are lines of text where nothing else is known. */
  readonly is_text: boolean;
  /** Further lines of the input. */
  readonly input: readonly string[];
  /** Steps before the one that redacts, and behind it; comments teach. */
  readonly before: readonly string[];
  readonly behind: readonly string[];
}

const plain = {
  framing: undefined,
  webhook: undefined,
  is_text: false,
  input: [],
  before: [],
  behind: [],
} as const;

const s3_filter = [
  "# Events that nobody needs are dropped, and counted, by a condition in CEL:",
  "# - filter: { drop: 'api.name == \"HeadBucket\" && api.statusCode == 200' }",
];

/** Names of options that take a secret, in a pattern. */
const secret_option = "--?[A-Za-z-]*(?:pass|secret|token|user|key)[A-Za-z-]*";

/** Where passwords are on command lines that auditd writes as they are, or in hexadecimal. */
const auditd_steps = [
  "# What was typed, as TTY records have it, and pieces of long arguments, both in hexadecimal: what of them is a password cannot",
  "# be told, so all of it is masked.",
  "- redact:",
  "    patterns:",
  "      - name: typed_keys_and_pieces",
  "        match: '\\b(?:data|a\\d+\\[\\d+\\])=(?:[0-9]*[A-F][0-9A-F]*|[0-9]{20,})'",
  "    with: hex=[REDACTED]",
  "    on_unreadable: text",
  "# What options of a command take: -pSECRET, or the next word.",
  "- redact:",
  "    patterns:",
  "      - name: attached_to_an_option",
  `        match: '"(?:-p|${secret_option}=)[^"]+"'`,
  "      - name: behind_an_option",
  `        match: '"(?:-[apuU]|${secret_option})" a\\d+=(?:"[^"]*"|[0-9A-F]+)'`,
  "    with: '\"[REDACTED]\"'",
  "    on_unreadable: text",
  "# The same where auditd writes a command line in hexadecimal, since it has blanks, or NULs between its words.",
  "- redact:",
  "    patterns:",
  "      - name: attached_in_hexadecimal",
  `        match: '[\\x00 ](?:-p|${secret_option}=)[^\\x00 ]+'`,
  "      - name: behind_in_hexadecimal",
  `        match: '[\\x00 ](?:-[apuU]|${secret_option})[\\x00 ]+[^\\x00 ]+'`,
  "    with: ' [REDACTED]'",
  "    within: [hex]",
  "    on_unreadable: text",
];

const kinds: Readonly<Record<KindName, LogKind>> = {
  weka: {
    ...plain,
    name: "weka",
    title: "S3 audit events of a WEKA cluster",
    input_name: "weka",
    sourcetype: "weka:s3:audit",
    pack: "s3_audit",
    places: ["/var/log/weka/s3-audit*.log"],
    webhook: {
      path: "/services/collector/raw",
      setUp: (endpoint, token_file) => [
        `weka s3 cluster audit-webhook enable --endpoint=${endpoint} \\`,
        `  --auth-token="Splunk $(cat ${token_file})"`,
      ],
    },
    before: s3_filter,
  },
  minio: {
    ...plain,
    name: "minio",
    title: "audit events of MinIO",
    input_name: "minio",
    sourcetype: "minio:audit",
    pack: "s3_audit",
    places: ["/var/log/minio/audit*.log"],
    webhook: {
      path: "/",
      setUp: (endpoint, token_file) => [
        `mc admin config set ALIAS audit_webhook:tallyman endpoint=${endpoint} \\`,
        `  auth_token="Splunk $(cat ${token_file})" queue_dir=/var/lib/minio/audit-queue`,
        "mc admin service restart ALIAS",
      ],
    },
    before: s3_filter,
  },
  cloudtrail: {
    ...plain,
    name: "cloudtrail",
    title: "files of AWS CloudTrail",
    input_name: "cloudtrail",
    sourcetype: "aws:cloudtrail",
    pack: "cloudtrail",
    framing: "{ json: { records: Records } }",
    places: [
      "/var/spool/cloudtrail/AWSLogs/**/*.json.gz",
      "/var/spool/cloudtrail/records/*.json",
      "/srv/cloudtrail/**/*.json.gz",
    ],
    before: [
      "# Events that nobody needs are dropped, and counted, by a condition in CEL:",
      "# - filter: { drop: 'readOnly == true && eventSource == \"kms.amazonaws.com\"' }",
    ],
  },
  kubernetes: {
    ...plain,
    name: "kubernetes",
    title: "audit log of a Kubernetes API server",
    input_name: "kubernetes",
    sourcetype: "kube:apiserver:audit",
    pack: "kubernetes",
    places: [
      "/var/log/kubernetes/audit/audit.log",
      "/var/log/kubernetes/audit.log",
      "/var/log/kube-apiserver/audit.log",
      "/var/lib/rancher/k3s/server/logs/audit.log",
      "/var/lib/rancher/rke2/server/logs/audit.log",
    ],
    input: [
      "# Bodies at the level RequestResponse can be megabytes long; a line that is cut is no JSON any more.",
      "max_event_bytes: 4MiB",
    ],
    before: [
      "# The first stage of a request says nothing that the last one does not. Remove this to see requests that",
      "# never ended.",
      "- filter: { drop: 'stage == \"RequestReceived\"' }",
    ],
    behind: [
      "# What is run in a pod by kubectl exec is in the URI, passwords included.",
      "- redact: { fields: [requestURI] }",
      "  name: commands_in_pods",
      '  when: \'objectRef.subresource in ["exec", "attach", "portforward", "proxy"]\'',
      "# Values of environment variables.",
      '- redact: { fields: ["**.env[*].value"] }',
      "  name: environment_variables",
    ],
  },
  auditd: {
    ...plain,
    name: "auditd",
    title: "log of the Linux audit daemon",
    input_name: "auditd",
    sourcetype: "linux_audit",
    pack: "auditd",
    framing: "auditd",
    places: ["/var/log/audit/audit.log"],
    is_text: true,
    before: auditd_steps,
  },
  nginx: {
    ...plain,
    name: "nginx",
    title: "access log of nginx",
    input_name: "nginx",
    sourcetype: "nginx:combined",
    pack: "web_access",
    places: ["/var/log/nginx/*access*.log", "/var/log/nginx/audit.json"],
    is_text: true,
  },
  file: {
    ...plain,
    name: "file",
    title: "any other log",
    input_name: "audit",
    sourcetype: undefined,
    pack: undefined,
    places: [],
  },
};

/** All of them, as they are offered. */
export const log_kinds: readonly LogKind[] = Object.values(kinds);

/** The kind of this name. Throws TallymanError usage, with what was likely meant. */
export function kindNamed(name: string): LogKind {
  if (Object.hasOwn(kinds, name)) return kinds[name as KindName];
  const advice = suggestion(name, kind_names);
  throw new TallymanError(
    "usage",
    `there is no kind of log called ${JSON.stringify(name)}${advice}`,
  );
}
