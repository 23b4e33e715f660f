/**
 * Reads lines of S3 server access logs: fields by position, so that steps behind it can name them. Signatures and tokens
 * in the query strings of presigned URLs are masked.
 */
const names = [
  "bucketowner",
  "bucket_name",
  "requestdatetime",
  "remoteip",
  "requester",
  "requestid",
  "operation",
  "key",
  "request_uri",
  "httpstatus",
  "errorcode",
  "bytessent",
  "objectsize",
  "totaltime",
  "turnaroundtime",
  "referrer",
  "useragent",
  "versionid",
  "hostid",
  "sigv",
  "ciphersuite",
  "authtype",
  "endpoint",
  "tlsversion",
  "accesspointarn",
  "aclrequired",
];
const whole_numbers = new Set([
  "httpstatus",
  "bytessent",
  "objectsize",
  "totaltime",
  "turnaroundtime",
]);

/** A user agent may hold quotes: it ends where only plain fields follow. New fields are added at the end. */
const line =
  /^(\S+) (\S+) \[([^\]]+)\] (\S+) (\S+) (\S+) (\S+) (\S+) "([^"]*)" (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) "([^"]*)" "(.*)"((?: [^ "]+){8,})$/;
const secret =
  /([?&](?:X-Amz-Signature|X-Amz-Security-Token|X-Amz-Credential|Signature|AWSAccessKeyId)=)[^&\s]*/gi;
const line_length_max = 65_536;

const months = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** `14/Jul/2025:08:00:01 +0000` in ISO 8601, by which conditions compare. */
function isoTime(text) {
  const [, day, month, year, clock, offset] =
    /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})$/.exec(text) ?? [];
  if (clock === undefined) return text;
  const number = String(months.indexOf(month) / 3 + 1).padStart(2, "0");
  return `${year}-${number}-${day}T${clock}${offset === "+0000" ? "Z" : offset}`;
}

function valueOf(name, text) {
  if (text === "-" || text === "") return null;
  if (whole_numbers.has(name)) return Number(text);
  if (name === "requestdatetime") return isoTime(text);
  return text.replace(secret, "$1[REDACTED]");
}

export default {
  name: "s3_access_log",
  description: "Reads lines of S3 server access logs into fields, and masks presigned URLs.",
  create: () => (event) => {
    const { text } = event;
    const match = text.length > line_length_max ? null : line.exec(text);
    if (match === null) return event.quarantine("not_an_access_log_line");
    const values = [...match.slice(1, 18), ...match[18].trim().split(" ")];
    const fields = names.map((name, at) => [name, valueOf(name, values[at] ?? "-")]);
    const more = values.slice(names.length);
    event.record = Object.fromEntries(more.length > 0 ? [...fields, ["more", more]] : fields);
    return event;
  },
};
