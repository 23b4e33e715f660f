/** Clean lines of databases: PostgreSQL with pgaudit, and MySQL with its general log. */
import type { RandomSource } from "../../random/random-source.ts";
import { guid } from "../planted.ts";
import { address, hex, type Make, pid, port, time, user } from "./parts.ts";

/** Statements that name columns of secrets, and hold none. `place` makes the place of a parameter. */
function statement(random: RandomSource, place: (number: number) => string): string {
  const id = random.between(1, 1e6);
  return random.one([
    `SELECT id, token FROM tokens WHERE id = '${guid(random)}'`,
    `SELECT id, name, password FROM users WHERE name = '${user(random)}'`,
    `SELECT token, expires_at FROM sessions WHERE user_id = ${id} ORDER BY expires_at DESC LIMIT 10`,
    `SELECT u.id, u.password FROM users u WHERE u.id = ${place(1)}`,
    `SELECT count(*) FROM users WHERE password IS NULL`,
    `SELECT id FROM users WHERE password IS NOT NULL AND status = 'active'`,
    `SELECT secret_name, password IS NULL FROM secrets`,
    `SELECT id FROM tokens WHERE token = ${place(1)}`,
    `SELECT id FROM tokens WHERE token = ${place(1)} AND expires_at > now() LIMIT 1`,
    `UPDATE users SET password_hash = ${place(1)}, token = ${place(2)} WHERE id = ${place(3)}`,
    `UPDATE users SET password = NULL WHERE id = ${id}`,
    `UPDATE users SET password = ${place(1)}, updated_at = now() WHERE id = ${place(2)}`,
    `INSERT INTO users (name, password, created_at) VALUES (${place(1)}, ${place(2)}, now())`,
    `INSERT INTO tokens (id, token) VALUES (${place(1)}, ${place(2)}) RETURNING id`,
    `DELETE FROM password_resets WHERE token = ${place(1)}`,
    `SELECT a, b FROM events WHERE id = ${place(1)} AND kind = 'login'`,
  ]);
}

function sessionLine(random: RandomSource): string {
  const file = `/etc/postgresql/16/main/pg_hba.conf`;
  return random.one([
    `FATAL:  password authentication failed for user "${user(random)}"`,
    `DETAIL:  Connection matched file "${file}" line ${random.between(90, 130)}: "host all all 0.0.0.0/0 scram-sha-256"`,
    `DETAIL:  Password does not match for user "${user(random)}".`,
    `DETAIL:  User "${user(random)}" has no password assigned.`,
    `DETAIL:  User "${user(random)}" has an expired password.`,
    `LOG:  connection received: host=${address(random)} port=${port(random)}`,
    `LOG:  connection authenticated: identity="${user(random)}" method=scram-sha-256 (${file}:${random.between(90, 130)})`,
    `LOG:  connection authorized: user=app database=web SSL enabled (protocol=TLSv1.3, cipher=TLS_AES_256_GCM_SHA384, bits=256)`,
    `LOG:  disconnection: session time: 0:00:01.${random.between(100, 999)} user=app database=web host=${address(random)} port=${port(random)}`,
    `FATAL:  no pg_hba.conf entry for host "${address(random)}", user "${user(random)}", database "web", no encryption`,
    `ERROR:  duplicate key value violates unique constraint "users_token_key"`,
    `ERROR:  column "password" does not exist at character ${random.between(8, 99)}`,
    `ERROR:  null value in column "password" of relation "users" violates not-null constraint`,
    `ERROR:  invalid input syntax for type uuid: "${hex(random, 20)}"`,
    `DETAIL:  parameters: $1 = '${hex(random, 32)}', $2 = '${time(random, 3)}'`,
    `LOG:  checkpoint complete: wrote ${random.between(1, 999)} buffers (0.1%); 0 WAL file(s) added, 0 removed, 1 recycled`,
  ]);
}

/** What `log_line_prefix` puts before a line; the last is the default. */
function prefix(random: RandomSource): string {
  const when = time(random, 3).replace("T", " ").replace("Z", " UTC");
  return random.one([
    `${when} [${pid(random)}] ${user(random)}@web `,
    `${when} [${pid(random)}]: [${random.between(1, 99)}-1] user=${user(random)},db=web,app=psql,client=${address(random)} `,
    `${when} [${pid(random)}] `,
  ]);
}

const postgres: Make = (random) => {
  const place = (number: number): string => `$${number}`;
  const line = random.one([
    () => sessionLine(random),
    () => `LOG:  execute <unnamed>: ${statement(random, place)}`,
    () =>
      `LOG:  duration: ${random.between(1, 9999)}.123 ms  execute S_${random.between(1, 9)}: ${statement(random, place)}`,
    () => `STATEMENT:  ${statement(random, place)}`,
    () =>
      `LOG:  AUDIT: SESSION,${random.between(1, 99)},1,READ,SELECT,TABLE,public.users,"${statement(random, place)}",${random.one(["<none>", "<not logged>"])}`,
    () =>
      `LOG:  AUDIT: SESSION,${random.between(1, 99)},1,ROLE,ALTER ROLE,,,ALTER ROLE ${random.one(["app", "reporting"])} ${random.one(["", "WITH ", "WITH LOGIN "])}PASSWORD <REDACTED>,<not logged>`,
    () =>
      `LOG:  AUDIT: OBJECT,1,1,READ,SELECT,TABLE,public.tokens,select * from tokens,<not logged>`,
  ])();
  return prefix(random) + line;
};

const mysql: Make = (random) => {
  const when = time(random, 6);
  const who = `'${user(random)}'@'${address(random)}'`;
  return random.one([
    `${when} ${random.between(1, 999)} [Note] [MY-010926] [Server] Access denied for user ${who} (using password: ${random.one(["YES", "NO"])})`,
    `${when}\t${random.between(8, 999)} Connect\t${user(random)}@${address(random)} on web using SSL/TLS`,
    `${when}\t${random.between(8, 999)} Connect\tAccess denied for user ${who} (using password: YES)`,
    `${when}\t${random.between(8, 999)} Query\t${statement(random, () => "?")}`,
    `${when}\t${random.between(8, 999)} Prepare\t${statement(random, () => "?")}`,
    `${when}\t${random.between(8, 999)} Query\tSELECT @@session.transaction_read_only`,
    `${when} 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '8.0.36'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.`,
    `${when} ${random.between(1, 999)} [Warning] [MY-010055] [Server] IP address '${address(random)}' could not be resolved: Name or service not known`,
    `${when} ${random.between(1, 999)} [Warning] [MY-013360] [Server] Plugin mysql_native_password reported: ''mysql_native_password' is deprecated and will be removed in a future release. Please use caching_sha2_password instead'`,
  ]);
};

/** The logs of PostgreSQL and MySQL. */
export const databases: Make = (random) => random.one([postgres, postgres, mysql])(random);
