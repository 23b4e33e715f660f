/** Clean lines of web servers, for requests and for errors, and of containers. */
import type { RandomSource } from "../../random/random-source.ts";
import { characters, guid } from "../planted.ts";
import { address, base64, clockTime, hex, type Make, pid, time, user } from "./parts.ts";

const browsers = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36",
  "Mozilla/5.0 (X11; Linux x86_64; rv:124.0) Gecko/20100101 Firefox/124.0",
  "curl/8.5.0",
  "kube-probe/1.29",
  "Go-http-client/2.0",
  "-",
];

/** The place of a list. What could be a JSON web token is masked wherever it stands. */
function listPlace(random: RandomSource, bytes: number): string {
  return base64(random, bytes).replaceAll("eyJ", "abc");
}

function target(random: RandomSource): string {
  return random.one([
    () => `/static/app.${hex(random, 20)}.js`,
    () => `/api/users/${guid(random)}?page=${random.between(1, 99)}&sort=name`,
    () => "/login?next=/home",
    () => "/login?next=/account/password",
    () => "/account/password",
    () => "/password/reset",
    () => "/users/password/new",
    () => "/forgot-password",
    () => "/oauth/token",
    () => "/auth/token/refresh",
    () => `/js/password.js?v=${hex(random, 8)}`,
    () => `/api/items?page_token=${listPlace(random, 24)}&limit=100`,
    () => `/api/items?page_token=${random.between(1, 99)}`,
    () => `/api/items?next_page_token=${hex(random, 16)}&token_type=bearer&max_tokens=100`,
    () =>
      `/bucket?list-type=2&continuation-token=${encodeURIComponent(listPlace(random, 30))}&prefix=a/`,
    () => "/search?q=basic+authentication+with+bearer+tokens",
    () => `/callback?state=${hex(random, 12)}&email=ann@example.com`,
    () => `/v2/web/blobs/sha256:${hex(random, 64)}`,
    () => "/../../etc/passwd",
    () => "/download?file=../../etc/passwd",
  ])();
}

function request(random: RandomSource): string {
  const method = random.one(["GET", "GET", "POST", "PUT", "HEAD"]);
  return `${method} ${target(random)} HTTP/${random.one(["1.0", "1.1", "2.0"])}`;
}

function day(random: RandomSource): string {
  return `21/Mar/2025:${clockTime(random)} +0000`;
}

/** Lines of the combined format, which nginx and Apache write. */
const access: Make = (random) => {
  const referer = random.one([
    "-",
    "https://www.example.com/a?b=c@d",
    "http://user@example.com:8080/",
    "https://www.example.com/forgot-password",
    "https://www.example.com/account/password",
    `https://console.example.com/browse?page_token=${random.between(1, 99)}`,
  ]);
  return `${address(random)} - ${random.one(["-", user(random)])} [${day(random)}] "${request(random)}" ${random.one([200, 301, 401, 404])} ${random.between(0, 99_999)} "${referer}" "${random.one(browsers)}"`;
};

function nginxError(random: RandomSource): string {
  const client = `client: ${address(random)}, server: ${random.one(["", "example.com"])}, request: "${request(random)}", host: "example.com"`;
  const problem = random.one([
    `open() "/usr/share/nginx/html/favicon.ico" failed (2: No such file or directory)`,
    `open() "/usr/share/nginx/html/account/password" failed (2: No such file or directory)`,
    `user "${user(random)}": password mismatch`,
    `user "${user(random)}" was not found in "/etc/nginx/htpasswd"`,
    "no user/password was provided for basic authentication",
    "upstream timed out (110: Connection timed out) while reading response header from upstream",
    `limiting requests, excess: 5.${random.between(100, 999)} by zone "login"`,
  ]);
  return `2025/03/21 ${clockTime(random)} [error] ${pid(random)}#${pid(random)}: *${random.between(1, 9999)} ${problem}, ${client}`;
}

function apacheError(random: RandomSource): string {
  const problem = random.one([
    `AH01617: user ${user(random)}: authentication failure for "/admin": Password Mismatch`,
    `AH01618: user ${user(random)} not found: /admin`,
    "AH00128: File does not exist: /var/www/html/password",
    "AH01630: client denied by server configuration: /var/www/html/.htpasswd",
  ]);
  return `[Fri Mar 21 ${clockTime(random)}.${random.between(100_000, 999_999)} 2025] [auth_basic:error] [pid ${pid(random)}:tid ${pid(random)}] [client ${address(random)}:${random.between(1024, 65_535)}] ${problem}${random.one(["", ", referer: https://www.example.com/login"])}`;
}

/** The access logs and the error logs of nginx and Apache. */
export const web: Make = (random) => random.one([access, access, nginxError, apacheError])(random);

/** What programs in containers write, as the kubelet has it: with the header of CRI, and without it. */
export const containers: Make = (random) => {
  const [line, name] = [random.between(10, 900), characters(random, 5, "bcdfghjkl")];
  const message = random.one([
    `I0321 ${clockTime(random)}.915000       1 reflector.go:${line}] Listing and watching *v1.Secret from k8s.io/client-go/informers/factory.go:150`,
    `E0321 ${clockTime(random)}.915000       1 authentication.go:${line}] "Unable to authenticate the request" err="[invalid bearer token, token lookup failed]"`,
    `E0321 ${clockTime(random)}.915000       1 authentication.go:${line}] "Unable to authenticate the request" err="[invalid bearer token, service account token has expired]"`,
    `I0321 ${clockTime(random)}.915000       1 trace.go:${line}] Trace[${random.between(1e6, 1e9)}]: "Get" url:/api/v1/namespaces/prod/secrets,user-agent:kubelet/v1.29.4,client:${address(random)}`,
    `time="${time(random, 0)}" level=info msg="created pod web-${name}" namespace=prod duration=${random.between(1, 99)}ms`,
    `level=info ts=${time(random, 3)} caller=main.go:${line} msg="TLS is disabled." http2=false`,
    `${address(random)} - - [${day(random)}] "${request(random)}" 200 ${random.between(0, 99_999)} "-" "kube-probe/1.29"`,
    `{"level":"info","ts":"${time(random, 3)}","logger":"controller","msg":"reconciled","secretName":"web-tls","tokens":${line}}`,
    `2025-03-21 ${clockTime(random)},915 INFO [main] o.a.k.c.c.ConsumerConfig - sasl.mechanism = GSSAPI`,
    `panic: runtime error: index out of range [5] with length ${random.between(1, 5)}`,
  ]);
  if (random.chance(0.3)) return message;
  return `${time(random, 9)} ${random.one(["stdout", "stderr"])} F ${message}`;
};
