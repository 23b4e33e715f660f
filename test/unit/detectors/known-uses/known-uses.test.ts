/**
 * Goal: a fixed form in which no value follows a name is left as it is, and a secret beside it never is. Method: each form as it
 * is written, and then with a secret where one could be, through a chain with all packs.
 */
import { describe, expect, test } from "vitest";
import { builtInPacks } from "../../../../src/detectors/packs/load-pack.ts";
import { makeChain, runChain } from "../../../support/events/chains.ts";

const chain = await makeChain([{ redact: { pack: builtInPacks(), on_unreadable: "text" } }]);
const secret = "S3CR3TPW";

function redacted(text: string): string {
  return runChain(chain, text).text;
}

const combined = '10.0.0.1 - - [21/Mar/2025:06:37:27 +0000] "GET';
const sudo = "ann : TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=";

describe("forms without a value", () => {
  test.each([
    "Accepted password for ann from 10.0.0.1 port 50022 ssh2",
    "Failed password for invalid user ann from 2001:db8::1 port 22 ssh2",
    `${sudo}/usr/bin/ls`,
    `${sudo}/usr/bin/passwd --status ann`,
    'FATAL:  password authentication failed for user "app"',
    "SELECT count(*) FROM users WHERE password IS NOT NULL",
    "SELECT id FROM tokens WHERE token = $1 AND expires_at > now()",
    "INSERT INTO users (name, password) VALUES (?, ?)",
    "AUDIT: SESSION,1,1,ROLE,ALTER ROLE,,,ALTER ROLE app WITH PASSWORD <REDACTED>,<not logged>",
    "Access denied for user 'app'@'10.0.0.1' (using password: YES)",
    'type=EXECVE msg=audit(1.1:1): argc=3 a0="passwd" a1="--status" a2="ann"',
    'type=SYSCALL comm="passwd" exe="/usr/bin/passwd" key="passwd"',
    'type=SYSCALL exe="/usr/bin/passwd" key="passwd"\ntype=PATH msg=audit(1.1:1): item=0',
    `${combined} /forgot-password HTTP/1.1" 200 5 "https://www.example.com/password" "curl/8.5.0"`,
    `${combined} /items?page_token=2&token_type=bearer HTTP/1.1" 200 5 "-" "-"`,
    "docker run -u 1000:1000 web",
    `Accepted publickey for ann from 10.0.0.1 port 1 ssh2: ED25519 SHA256:${"aeyJ".repeat(10)}abc`,
    `GET /?start=${"abEYJcdE".repeat(5)}`,
  ])("known uses - %s", (text) => {
    expect(redacted(text)).toBe(text);
  });
});

/** The header of a JSON web token, without its beginning. */
const header = Buffer.from('{"alg":"HS256"}').toString("base64url").slice(3);

/** `§` is the secret. */
const with_secrets: Readonly<Record<string, readonly string[]>> = {
  sentences: [
    "password is §",
    "password IS  §",
    "password: null-§",
    "password is null §",
    "password is null, §",
    "password is not null but §",
    "Accepted password: § for ann from 10.0.0.1 port 22 ssh2",
    "Failed password § for ann from 10.0.0.1 port 22 ssh2",
    "password for ann is § from 10.0.0.1 port 22",
    'FATAL:  password authentication failed for user "app" with §',
    "Access denied for user 'a'@'b' (using password: §)",
    "Access denied for user 'a'@'b' (using password: YES, that is §)",
    'user "ann": password mismatch: §, client: 10.0.0.1, server: x',
    "Started Forward Password Requests to Wall: §",
    "userauth_pubkey: signature=§",
    'err="[invalid bearer token, §]"',
    "pam_unix(passwd:chauthtok): password changed to §",
    "Mar 21 06:37:27 host passwd[12]: §",
    "Mar 21 06:37:27 host passwd[12]: password for 'ann' is §",
    "password for 'ann' changed by 'root' to §",
    "changed password expiry for ann: §",
  ],
  "sudo and commands": [
    "ann : TTY=pts/0 ; PWD=§ ; USER=root ; COMMAND=/x",
    "PWD=/§",
    "ann : TTY=pts/0 ; PWD=/a § ; USER=root ; COMMAND=/x",
    "ann : a password is § ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/x",
    "COMMAND=/usr/bin/passwd §",
    "COMMAND=/usr/bin/passwd --stdin §",
    "COMMAND=/usr/bin/passwd --status ann §",
    "htpasswd --status §",
    "docker run -u ann:§ web",
    "docker run web curl -u 1000:§",
    "--password §",
    '--admin-password "§"',
  ],
  statements: [
    "PASSWORD '§ IS NULL'",
    "SELECT password is null §",
    "SELECT id FROM u WHERE password IS NULL AND pass = '§'",
    "UPDATE u SET password = $1§ WHERE id = $2",
    "UPDATE u SET password = $1$§ WHERE id = $2",
    "UPDATE u SET password = ?§",
    "UPDATE u SET password = '§' WHERE id = $1",
    "UPDATE u SET password = NULL§ WHERE id = $1",
    "UPDATE u SET password = $1, pin = '§' WHERE id = $2",
    "UPDATE u SET password = $1 WHERE id = $2 -- §",
    "UPDATE u SET password = $1 WHERE id = $2\n\tAND pin = '§'",
    'AUDIT: SESSION,1,1,WRITE,UPDATE,TABLE,u,"UPDATE u SET password = $1 WHERE id = $2","§,5"',
    "AUDIT: SESSION,1,1,WRITE,UPDATE,TABLE,u,UPDATE u SET password = $1 WHERE id = $2,§",
    "INSERT INTO u (name, password) VALUES ($1, '§')",
    "INSERT INTO u (name, password) VALUES (?, ?), ('a', '§')",
    "INSERT INTO u (name, password) SELECT '§'",
    "SELECT id, token FROM t WHERE code = '§'",
    "SELECT id, token FROM t WHERE session_id = '§'",
    "SELECT id, token FROM t WHERE name = 'a''§'",
    "SELECT id, token FROM t WHERE name = 'a' '§'",
    "please select a password from the list: §",
    "ALTER ROLE app WITH PASSWORD <REDACTED> '§',<not logged>",
    "ALTER ROLE app WITH PASSWORD <§>,<not logged>",
    "CREATE USER a IDENTIFIED WITH 'mysql_native_password' AS '§'",
    "Plugin mysql_native_password reported: '§'",
    'ERROR:  column "password" is §',
    'ERROR:  null value in column "password" of relation "u" violates not-null constraint\nDETAIL:  Failing row contains (1, §).',
  ],
  "records of auditd": [
    ' a0="passwd" a1="§"',
    ' a0="passwd" a1="-p" a2="§"',
    ' a0="passwd" a1="--status" a2="ann" a3="§"',
    ' a0="htpasswd" a1="-b" a2="file" a3="ann" a4="§"',
    ' a0="/usr/bin/htpasswd" a1="§"',
    ' a0="tool" a1="--passwd" a2="§"',
    ' a0="tool" a1="passwd" a2="§"',
    ' name="passwd" value="§"',
    ' key="passwd" value="§"',
    ' key="passwd" "§"',
    ' comm="passwd" "§"',
    ' exe="/usr/bin/passwd" "§"',
    " msg='op=changing password §'",
    ' msg=\'op=changing password id=§ exe="/x"',
  ],
  "requests and headers": [
    `${combined} /password/§ HTTP/1.1" 200`,
    `${combined} /password/reset/§ HTTP/1.1" 200`,
    `${combined} /password/reset?§ HTTP/1.1" 200`,
    `${combined} /password/resetS§ HTTP/1.1" 200`,
    `${combined} /auth/token/refresh/§ HTTP/1.1" 200`,
    `${combined} /js/password.js?p=§ HTTP/1.1" 200`,
    `${combined} /items?mypage_token=§ HTTP/1.1" 200`,
    `${combined} /items?page_token_secret=§ HTTP/1.1" 200`,
    `${combined} /items?csrf_token=§ HTTP/1.1" 200`,
    `${combined} /items?page_token=2&token=§ HTTP/1.1" 200`,
    `${combined} / HTTP/1.1" 200 5 "https://x/?password" "§"`,
    '"https://x/password" "§"',
    '"-password" "§"',
    "bearer token: §",
    "bearer token §",
    "Bearer §",
    "SHA256:eyJ§abcdefghijklmnop.abcdefg",
    `SHA256:${"a".repeat(8)}eyJ§${"a".repeat(25)}`,
    `SHA256:${"a".repeat(8)}eyJ§${"a".repeat(24)}.abc`,
    "token eyj§abcdefghijklmnop",
    "jwt=eyJ§abcdefghijklmnop",
    `EyJ${header}§`,
    `eYJ${header}§`,
    "jwt=e\\u0079J§abcdefghijklmnop",
    "Bearer tokens§",
    "Basic authentication§",
    "Authorization: Bearer token §",
    "Authorization: Basic auth §",
  ],
};

describe.each(Object.entries(with_secrets))("a secret in %s", (_kind, templates) => {
  test.each(templates)("known uses - %s is masked", (template) => {
    const text = template.replaceAll("§", secret);
    expect(text).toContain(secret);
    expect(redacted(text)).not.toContain(secret);
  });
});

describe("doubts", () => {
  test.each([
    ["password for ann", "password [REDACTED] ann"],
    ["SELECT token FROM t of ann", "SELECT token [REDACTED] t of ann"],
    ["update user set password=default", "update user set password=[REDACTED]"],
    ["see the password, please", "see the password, [REDACTED]"],
    ["password IS NULL", "password [REDACTED]"],
    ["PASSWORD 'IS NULL'", "PASSWORD '[REDACTED]'"],
    ["COMMAND=/usr/bin/passwd ann", "COMMAND=/usr/bin/passwd [REDACTED]"],
    ["p\\u0061ssword IS NULL", "p\\u0061ssword [REDACTED]"],
    ["docker ps; mysql -u 1000:777777", "docker ps; mysql -u 1000:[REDACTED]"],
  ])("known uses - %s is masked as before", (text, expected) => {
    expect(redacted(text)).toBe(expected);
  });
});

describe("strings of JSON", () => {
  test.each([
    ["Access denied for user 'a'@'b' (using password: YES)", false],
    ["Access denied for user 'a'@'b' (using password: §)", true],
    ["GET /forgot-password HTTP/1.1", false],
    ["GET /forgot-password §", true],
    ["pam_unix(passwd:chauthtok): password changed for ann", false],
    ["passwd: §", true],
  ])("known uses - %s", (template, is_secret) => {
    const event = JSON.stringify({ message: template.replace("§", secret) });
    const got = redacted(event);
    if (is_secret) expect(got).not.toContain(secret);
    else expect(got).toBe(event);
  });
});
