/**
 * The formats of logs in which secrets are planted, and how a user ships each of them: the framing of the input, and the steps.
 * A record holds nothing by chance, so that each piece of a secret that is left is one.
 */
import type { Place } from "./places.ts";
import type { RandomSource } from "../../random/random-source.ts";

/** A format of logs. */
export interface Format {
  readonly name: string;
  readonly pack: string;
  /** Lines of YAML of the input. */
  readonly input: readonly string[];
  /** Steps before redact. */
  readonly before: readonly string[];
  /** A record with the text in this place. */
  readonly record: (place: Place, text: string, random: RandomSource) => string;
  /** A record with the text in a line that is of no format. */
  readonly line: (text: string) => string;
  /** What is left of each record. */
  readonly kept: string;
  /** What the records are in. */
  readonly file: (records: readonly string[]) => string;
}

const time = "2025-03-21T06:37:27.915055Z";
const lines = (records: readonly string[]): string => `${records.join("\n")}\n`;
const flat = (text: string): string => text.replaceAll("\n", " ");

/** A format of JSON, in which the members stand in the place of `§`; a text is in JSON that is faulty. */
function inJson(name: string, pack: string, written: string, more: Partial<Format> = {}): Format {
  const [head, tail] = written.replace("TIME", time).split("§") as [string, string];
  return {
    name,
    pack,
    input: [],
    before: [],
    record: ({ members }, text, random) => head + members(text, random) + tail,
    line: (text) => `${head}"note":${JSON.stringify(text)},"cut":[1, }`,
    kept: head.slice(0, head.lastIndexOf(",") + 1),
    file: lines,
    ...more,
  };
}

/** A format of text. `write` gives a record with this piece in it. */
function inText(
  name: string,
  pack: string,
  write: (piece: string, place: string) => string,
  more: Partial<Format> = {},
): Format {
  return {
    name,
    pack,
    input: [],
    before: [],
    record: ({ name: place, members, piece }, text, random) =>
      write(piece === undefined ? `{${members(text, random)}}` : piece(text, random), place),
    line: (text) => `a line of nobody: ${flat(text)}, and more`,
    kept: "",
    file: lines,
    ...more,
  };
}

/** As nginx escapes what it writes. */
function ofNginx(text: string): string {
  return text.replaceAll(
    /[^\x20-\x7e]|["\\]/g,
    (character) =>
      `\\x${Buffer.from(character).toString("hex").toUpperCase().match(/../g)!.join("\\x")}`,
  );
}

function nginx(piece: string, place: string): string {
  const [request, agent] = place.includes("URL")
    ? [piece.replace(/^asked |https:\/\/[^/]*| twice$/g, "").replace("https://h", ""), "curl/8.5.0"]
    : ["/", ofNginx(piece)];
  return `10.0.0.7 - ann [21/Mar/2025:06:37:27 +0000] "GET ${request} HTTP/1.1" 200 12 "-" "${agent}"`;
}

let serial = 0;

/** As auditd writes what a program was given: in quotes, or in hexadecimal. */
function ofAuditd(text: string): string {
  if (/^[\x21\x23-\x7e]*$/.test(text)) return `"${text}"`;
  return Buffer.from(text).toString("hex").toUpperCase();
}

function auditd(piece: string): string {
  serial += 1;
  const stamp = `msg=audit(${1_742_539_047 + 3 * serial}.915:${serial})`;
  if (serial % 2 === 0)
    return `type=USER_CMD ${stamp}: pid=1 uid=0 msg='cwd="/" cmd=${ofAuditd(piece)} exe="/usr/bin/sudo" res=success'`;
  return `type=EXECVE ${stamp}: argc=3 a0="sh" a1="-c" a2=${ofAuditd(piece)}`;
}

function ofSyslog(text: string): string {
  return text.replaceAll("\n", "#012");
}

/** As a value of structured data. */
function ofHeader(text: string): string {
  return flat(text).replaceAll(/["\\\]]/g, "\\$&");
}

const stamp = "2025-03-21 06:37:27.915 UTC [7] app@web LOG:";

/** All of them. */
export const formats: readonly Format[] = [
  inJson(
    "s3_audit",
    "s3_audit",
    '{"api":{"bucket":"audit","name":"PutObject","object":"cat.jpg","statusCode":200},"requestHeader":{"Host":"s3.example.com",§},"time":"TIME"}',
  ),
  inJson(
    "cloudtrail",
    "cloudtrail",
    '{"eventVersion":"1.09","eventTime":"TIME","eventName":"PutObject","requestParameters":{§},"responseElements":null}',
    {
      input: ["framing: { json: { records: Records } }"],
      // A value that is cut off would end the array: the mistake is inside a record.
      line: (text) => `{"eventTime":"${time}","note":${JSON.stringify(text)},"cut":[1,]}`,
      file: (records) => `{"Records":[${records.join(",")}]}\n`,
    },
  ),
  inJson(
    "kubernetes",
    "kubernetes",
    '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","verb":"create","objectRef":{"resource":"pods"},"requestObject":{"kind":"Pod","spec":{§}},"stageTimestamp":"TIME"}',
  ),
  inJson(
    "vault",
    "vault",
    '{"time":"TIME","type":"request","auth":{"token_type":"service"},"request":{"operation":"read","path":"kv/a","data":{§}}}',
    {
      input: ['framing: { lines: { prefix: "@cee:" } }'],
      file: (all) => lines(all.map((each) => `@cee:${each}`)),
    },
  ),
  inText("auditd", "auditd", auditd, {
    input: ["framing: auditd"],
    before: ["auditd: {}"],
    kept: "msg=audit(17",
    line: (text) => auditd(`printf ${flat(text)} done`),
  }),
  inText("nginx", "web_access", nginx, { kept: "10.0.0.7" }),
  inText("nginx_parsed", "web_access", nginx, {
    before: ["parse: { format: combined }"],
    kept: '"client":"10.0.0.7"',
  }),
  inText(
    "postgresql",
    "http_headers",
    (piece) => `${stamp}  statement: INSERT INTO notes VALUES ('${piece.replaceAll("'", "''")}')`,
    {
      input: [`framing: { multiline: { start: '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d' } }`],
      line: (text) => `${stamp}  a line of nobody: ${text}\n and more`,
      kept: stamp,
    },
  ),
  inText(
    "syslog",
    "http_headers",
    (piece) => `<34>1 2025-03-21T06:37:27Z host app 7 ID47 - ${ofSyslog(piece)}`,
    { input: ["framing: syslog"] },
  ),
  // The secrets are in the header, of which indexed fields are made.
  inText(
    "syslog_header",
    "http_headers",
    (piece) => `<34>1 2025-03-21T06:37:27Z host app 7 ID47 [n@1 a="${ofHeader(piece)}"] {"n":1}`,
    { input: ["framing: syslog"], kept: '{"n":1}' },
  ),
];
