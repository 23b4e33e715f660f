/** What web servers, databases and Kubernetes write about passwords and tokens that they do not show. */
import { field, ip_address, type KnownForm, line_end, whole } from "./form.ts";

const name = String.raw`"[^"\n]{0,64}"`;
const column = String.raw`[\w.]{1,64}`;
const methods = "(?:get|head|post|put|patch|delete|options)";
/** What follows the problem in the error log of nginx. */
const client = String.raw`, client: ${ip_address}, server: `;
const deprecated = String.raw`is deprecated and will be removed in a future release\. please use caching_sha2_password instead'${line_end}`;

const web: readonly KnownForm[] = [
  field(String.raw`(?<=\buser ${name}: password) mismatch${client}`),
  field(String.raw`(?<=\bno user/password) was provided for basic authentication${client}`),
  field(
    String.raw`(?=" failed)(?<=\bopen\(\) "/[^"\n]{0,255})" failed \(\d{1,3}: [\w ]{1,64}\)(?:${client}|${line_end})`,
  ),
  whole(
    String.raw`(?<=: authentication failure for "[^"\n]{0,255}": password) mismatch(?:, referer: https?://\S{1,512})?${line_end}`,
  ),
  field(
    String.raw`(?=, referer)(?<=(?:file does not exist|denied by server configuration): /[^\s,]{0,255}), referer: (?=https?://)`,
  ),
  // Paths of requests whose last part is what is done with the password or the token.
  whole(
    String.raw`(?<="${methods} /[^\s"?]{0,255}password)/(?:new|edit|reset|change|forgot)(?= http/\d)`,
  ),
  whole(
    String.raw`(?<="${methods} /[^\s"?]{0,255}/token)/(?:refresh|renew|revoke|introspect|lookup-self|renew-self|revoke-self)(?= http/\d)`,
  ),
  whole(
    String.raw`(?<="${methods} /[^\s"?]{0,255}(?:password|token|secret))\.(?:css|js|map|png|svg)\?v(?:er)?=[\w.-]{1,64}(?= http/\d)`,
  ),
  // The referer of the combined format, whose last part is a name, before the agent.
  field(
    String.raw`(?=" ")(?<=" \d{3} (?:\d{1,15}|-) "https?://[^\s"?&#=]{1,255})" "(?:-|[a-z][\w.-]{0,63}/\d[^"\n]{0,512})"(?: ["\w]|${line_end})`,
  ),
];

const databases: readonly KnownForm[] = [
  whole(String.raw`(?<=: {1,2}password) authentication failed for user ${name}${line_end}`),
  whole(String.raw`(?<=\bdetail: {1,2}password) does not match for user ${name}\.${line_end}`),
  whole(String.raw`(?<=\bdetail: {1,2}user ${name} has no password) assigned\.${line_end}`),
  whole(
    String.raw`(?=" does)(?<=\berror: {1,2}column "${column})" does not exist(?: at character \d{1,9})?${line_end}`,
  ),
  whole(
    String.raw`(?=" of)(?<=\bnull value in column "${column})" of relation ${name} violates not-null constraint${line_end}`,
  ),
  whole(
    String.raw`(?<=\(using password): (?:yes|no)\)(?: in \S{1,255} on line \d{1,9})?${line_end}`,
  ),
  whole(
    String.raw`(?<=\bplugin mysql_native_password) reported: ''mysql_native_password' ${deprecated}`,
  ),
  whole(String.raw`(?<=: ''mysql_native_password)' ${deprecated}`),
  whole(String.raw`(?<=\bplease use caching_sha2_password) instead'${line_end}`),
];

const kubernetes: readonly KnownForm[] = [
  whole(String.raw`(?<=\binvalid bearer token), token lookup failed\]?"?${line_end}`),
  whole(String.raw`(?<=\binvalid bearer token, token) lookup failed\]?"?${line_end}`),
  whole(
    String.raw`(?<=\binvalid bearer token), service account token has (?:expired|been invalidated)\]?"?${line_end}`,
  ),
  whole(String.raw`(?<=\bservice account token) has (?:expired|been invalidated)\]?"?${line_end}`),
  whole(String.raw`(?<=\bwatching \*v1\.secret) from [\w./-]{1,128}:\d{1,5}`),
];

export const servers: readonly KnownForm[] = [...web, ...databases, ...kubernetes];
