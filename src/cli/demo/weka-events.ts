/**
 * Realistic WEKA S3 audit events, about 1.06 KB each with their line end, for the demo, the benchmarks and
 * the tests. The field set is that of WEKA's own sample; an event's number can be read back from its
 * `requestID`, so that every one can be counted.
 */

const operations = [
  { name: "PutObject", status: "OK", statusCode: 200 },
  { name: "GetObject", status: "OK", statusCode: 200 },
  { name: "HeadObject", status: "OK", statusCode: 200 },
  { name: "GetObject", status: "Not Found", statusCode: 404 },
  { name: "DeleteObject", status: "No Content", statusCode: 204 },
  { name: "ListObjectsV2", status: "OK", statusCode: 200 },
  { name: "GetObject", status: "OK", statusCode: 200 },
  { name: "PutObject", status: "Forbidden", statusCode: 403 },
] as const;

/** The events' first timestamp: 2025-03-21T06:37:27Z. */
const first_time_s = 1_742_539_047;
/** The events are this far apart. */
const interval_ns = 137_451;
const agent = "aws-sdk-go/1.44.235 (go1.18.10; linux; amd64) S3Manager";

/** The event with this number, one line of JSON without its line end. */
export function wekaEvent(number: number): string {
  const operation = operations[number % operations.length]!;
  const nanoseconds = number * interval_ns;
  const time_s = first_time_s + Math.floor(nanoseconds / 1e9);
  const fraction = String(nanoseconds % 1e9).padStart(9, "0");
  const date = new Date(time_s * 1000).toISOString();
  const day = date.slice(0, 10).replaceAll("-", "");
  const compact = `${day}T${date.slice(11, 19).replaceAll(":", "")}Z`;
  const signature = hexadecimal(number, 64);
  const bucket = `tenant-${number % 37}`;
  const object = `backups/2025/03/vol-${number % 4099}/part-${number % 100_003}.snap`;
  return (
    `{"api":{"bucket":"${bucket}","name":"${operation.name}","object":"${object}",` +
    `"status":"${operation.status}","statusCode":${operation.statusCode},` +
    `"timeToResponse":"${1_000_000 + (number % 9973) * 1013}ns"},"auditVersion":"1.weka",` +
    `"deploymentid":"079f7a1f-be3b-44c8-b36f-4484fe1ae4b2","remotehost":"10.26.${number % 251}.14",` +
    `"requestHeader":{"Authorization":"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${day}/` +
    `us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, ` +
    `Signature=${signature}","User-Agent":"${agent}","Content-Type":"image/jpeg",` +
    `"X-Amz-Date":"${compact}"},"requestID":"${requestId(number)}",` +
    `"responseHeader":{"Content-Length":"0","ETag":"${hexadecimal(number * 7 + 1, 32)}",` +
    `"Server":"S3"},"time":"${date.slice(0, 19)}.${fraction}Z","userAgent":"${agent}",` +
    `"wekaInfo":{"clusterGUID":"b28b4f9b-5d62-4c0b-97ef-6a72037930e7","clusterName":"DAD08-B",` +
    `"release":"4.4.6.11","serverIP":"10.26.211.72","serverName":"obj-115-07.example.net",` +
    `"version":"4.4.6"}}`
  );
}

/** The sixteen hexadecimal digits that carry an event's number. */
export function requestId(number: number): string {
  return number.toString(16).toUpperCase().padStart(16, "0");
}

/** The number of an event from its text; -1 where it is none of these events. */
export function numberOf(text: string): number {
  const match = /"requestID":"([0-9A-F]{16})"/.exec(text);
  return match === null ? -1 : Number.parseInt(match[1]!, 16);
}

/** Hexadecimal digits that differ from event to event, instead of a signature or a hash. */
function hexadecimal(number: number, digits: number): string {
  let text = "";
  let value = (number ^ 0x9e3779b9) >>> 0;
  while (text.length < digits) {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0;
    text += value.toString(16).padStart(8, "0");
  }
  return text.slice(0, digits);
}
