/** Lines of access logs: of Apache and nginx, and of S3. */
import { type Fields, fields_max, matchAt, noFields } from "./fields.ts";

/** A kind of access log. Its fields are `[time]`, `"text"`, and others without white space. */
export interface AccessLog {
  readonly names: readonly string[];
  readonly time: string;
  readonly texts: ReadonlySet<string>;
  readonly numbers: ReadonlySet<string>;
  /** Fields that a line has at least. */
  readonly values_min: number;
  /** Whether there may be texts behind the fields with names. */
  readonly more_texts: boolean;
}

/** Of Apache and nginx; the common format has two fields fewer. */
export const combined: AccessLog = {
  names: [
    "client",
    "identity",
    "user",
    "time",
    "request",
    "status",
    "bytes",
    "referer",
    "user_agent",
  ],
  time: "time",
  texts: new Set(["request", "referer", "user_agent"]),
  numbers: new Set(["status", "bytes"]),
  values_min: 7,
  more_texts: true,
};

/** Of S3; more fields are added at the end from time to time. */
export const s3_access_log: AccessLog = {
  names:
    "bucketowner bucket_name requestdatetime remoteip requester requestid operation key request_uri httpstatus errorcode bytessent objectsize totaltime turnaroundtime referrer useragent versionid hostid sigv ciphersuite authtype endpoint tlsversion accesspointarn aclrequired".split(
      " ",
    ),
  time: "requestdatetime",
  texts: new Set(["request_uri", "referrer", "useragent"]),
  numbers: new Set(["httpstatus", "bytessent", "objectsize", "totaltime", "turnaroundtime"]),
  values_min: 18,
  more_texts: false,
};

const log_value = /\[([^\]"]*)\](?= |$)|"((?:[^"\\]|\\.)*)"(?= |$)|([^\s"[]\S*)(?= |$)/y;

/**
 * A client chooses some of the texts, and not every server escapes the quotes in them: a line is taken only where each field
 * is of its kind, so that no text makes others of the fields behind it.
 */
export function accessLogParser(log: AccessLog): (text: string) => Fields | undefined {
  return (text) => {
    const fields = noFields();
    const more: string[] = [];
    let number = 0;
    for (let at = 0; at < text.length; number += 1) {
      const match = matchAt(log_value, text, at);
      if (match === null || number > fields_max) return undefined;
      const [whole, time, quoted, bare] = match;
      at += whole.length + 1;
      const name = log.names[number];
      const value = time ?? quoted ?? bare!;
      if (bare?.includes('"') === true) return undefined;
      if (name === undefined) {
        if (!log.more_texts && bare === undefined) return undefined;
        more.push(value);
        continue;
      }
      const is_kind =
        name === log.time ? time !== undefined : (quoted !== undefined) === log.texts.has(name);
      if (!is_kind || (name !== log.time && time !== undefined)) return undefined;
      const is_number = log.numbers.has(name) && value !== "-";
      if (is_number && !/^\d{1,15}$/.test(value)) return undefined;
      fields[name] = is_number ? Number(value) : value === "-" ? null : value;
    }
    if (number < log.values_min) return undefined;
    if (more.length > 0) fields["more"] = more;
    return fields;
  };
}
