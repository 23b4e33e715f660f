/** The text of a first configuration: of what is known about the kind, what was found in its logs, and what was answered. */
import type { LogFindings } from "../scan/findings.ts";
import {
  configLines,
  metadataLines,
  parseLines,
  pathLines,
  quoted,
  redactLines,
  splitKeyLines,
  timeLines,
} from "../scan/starter.ts";
import type { Answers } from "./answers.ts";
import type { LogKind } from "./kinds.ts";
import type { Placement } from "./placement.ts";

/** The configuration as text. `findings` are undefined where there was no log to look at. */
export function configurationText(
  answers: Answers,
  placement: Placement,
  findings: LogFindings | undefined,
): string {
  const { kind, source, url } = answers;
  const is_webhook = source.kind === "webhook";
  const chain = chainOf(kind, is_webhook ? undefined : findings);
  const lines = configLines({
    head: [
      `# Made by \`tallyman init ${kind.name}\`: ${kind.title}.`,
      "#   tallyman check     explains what it means",
      "#   tallyman try LOG   shows what would become of the events of a log, and sends nothing",
      "# All options are in config.example.yaml; `man tallyman` has the commands.",
    ],
    name: kind.input_name,
    input: is_webhook
      ? webhookLines(answers, source.listen, placement)
      : fileLines(answers, source.globs, findings),
    chain,
    output: [
      `url: ${quoted(url)}`,
      `# The token is in ${placement.splunk_token.path}, and never in this file.`,
      `token: ${JSON.stringify(placement.splunk_token.reference)}`,
    ],
    rest:
      placement.admin_socket === undefined
        ? []
        : [
            `# For \`tallyman status\` and \`reload\`: root, and members of the group ${placement.unit?.user ?? "root"}.`,
            `admin: { socket: ${quoted(placement.admin_socket)} }`,
          ],
  });
  return `${lines.join("\n")}\n`;
}

function webhookLines(answers: Answers, listen: string, placement: Placement): string[] {
  const { kind } = answers;
  const { reference } = placement.webhookToken(kind.name);
  return [
    "type: hec",
    "# An address of this host that the senders can reach. Beyond this host, add",
    "# tls: { cert: FILE, key: FILE }.",
    `listen: ${quoted(listen)}`,
    "# Senders name this token.",
    `tokens: [${JSON.stringify(reference)}]`,
    ...metadata(answers, undefined),
    "# Events wait here while Splunk is down: room for the longest outage that you expect.",
    "journal: { max_bytes: 1GiB }",
  ];
}

function fileLines(
  answers: Answers,
  globs: readonly string[],
  findings: LogFindings | undefined,
): string[] {
  const { kind } = answers;
  const framing = framingOf(kind, findings);
  return [
    "# Files may be rotated: the rest of a file is read under its new name.",
    ...pathLines(globs.map(quoted)),
    ...(framing === undefined ? [] : [`framing: ${framing}`]),
    ...(findings === undefined ? [] : splitKeyLines(findings)),
    ...kind.input,
    ...metadata(answers, findings),
    ...(findings === undefined ? [] : timeLines(findings)),
  ];
}

/** What the log itself says goes before what its kind usually has. */
function framingOf(kind: LogKind, findings: LogFindings | undefined): string | undefined {
  const is_known = findings?.known !== undefined && findings.known.pack === kind.pack;
  return findings?.framing ?? (is_known ? undefined : kind.framing);
}

function metadata(
  { kind, index, sourcetype }: Answers,
  findings: LogFindings | undefined,
): string[] {
  const is_json = findings !== undefined && findings.texts === 0;
  const usual = kind.name === "nginx" && is_json ? "nginx:json" : kind.sourcetype;
  const lines = metadataLines({
    sourcetype: sourcetype ?? usual ?? findings?.known?.sourcetype,
    index,
  });
  if (index !== undefined) return lines;
  const heading = lines.length === 0 ? ["# metadata:", "#   index: NAME"] : ["  # index: NAME"];
  return ["# Without an index, events go to the default one of the token.", ...lines, ...heading];
}

/** Where no log was read. */
const nothing_found = {
  texts: 0,
  events: 0,
  text_secrets: [],
  text_format: undefined,
  secret_encodings: [],
};

/** Text is masked as text, wherever there may be any. */
function chainOf(kind: LogKind, findings: LogFindings | undefined): string[] {
  const facts = findings ?? nothing_found;
  const has_text = kind.is_text && facts.texts === 0 && findings === undefined;
  const text_format = kind.name === "auditd" ? undefined : facts.text_format;
  const guessed = kind.name === "nginx" && has_text ? "combined" : undefined;
  const format = {
    text_format: text_format ?? guessed,
    secret_encodings: facts.secret_encodings,
  };
  const masked = redactLines({
    ...facts,
    ...format,
    pack: kind.pack ?? findings?.known?.pack,
    texts: has_text ? 1 : facts.texts,
    events: has_text ? 1 : facts.events,
  });
  // A line that is not of the format stays text, and so does what no scan has seen yet.
  const as_text =
    kind.is_text && !masked.some((line) => line.includes("on_unreadable"))
      ? [
          "    # A line that cannot be read is text, which is masked as far as text allows.",
          "    on_unreadable: text",
        ]
      : [];
  return [...kind.before, ...parseLines(format), ...masked, ...as_text, ...kind.behind];
}
