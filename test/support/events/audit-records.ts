/**
 * Records as the programs of docs/operations/recipes write them, each with secrets planted where that format has them.
 * All keys and tokens are made up.
 */

export interface AuditRecords {
  /** Records of the file, or bodies of requests. */
  readonly lines: readonly string[];
  /** What must not arrive, in any spelling. */
  readonly secrets: readonly string[];
  /** What has to arrive as it is. */
  readonly kept: readonly string[];
  /** The time of the first event. */
  readonly time: string;
}

const session_token = "IQoJb3JpZ2luX2VjEXAMPLETOKEN//////////wEaCXVzLWVhc3Qt";
const signature = "fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024";
const raw_key = "pO3upElrwuEXSoFwCfnZPdSsmt/xWeFa0N9KgDijwVs=";
const web_token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLWFsaWNl";
const cookie = "session=8f14e45fceea167a5a36dedd4bea2543";

function s3Event(more: object): string {
  return JSON.stringify({
    api: {
      bucket: "invoices",
      name: "PutObject",
      object: "2025/march 🐈.pdf",
      status: "OK",
      statusCode: 200,
      timeToResponse: "10531825ns",
    },
    ...more,
    deploymentid: "5b0a7f1e-5d27-4f4d-9a3c-0f6f2c7d9a10",
    remotehost: "203.0.113.14",
    requestHeader: {
      Authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20250321/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
      cookie,
      "X-Amz-Security-Token": session_token,
      "x-amz-server-side-encryption-customer-key": raw_key,
      "X-Amz-Copy-Source-Server-Side-Encryption-Customer-Key": raw_key,
      Referer: `https://s3.example.com/invoices/a?X-Amz-Signature=${signature}`,
      "X-Amz-Date": "20250321T063727Z",
    },
    requestQuery: { "X-Amz-Signature": signature, WebIdentityToken: web_token, "list-type": "2" },
    responseHeader: { ETag: "5d64dcd326aa93f6542e27f757ec8146", "Set-Cookie": cookie },
    requestID: "17A2B3C4D5E6F708",
    time: "2025-03-21T06:37:27.915055685Z",
    userAgent: "aws-sdk-go/1.44.235",
  });
}

const s3_secrets = [session_token, signature, raw_key, web_token, cookie.slice(8)];
const s3_kept = ["203.0.113.14", "2025/march 🐈.pdf", '"X-Amz-Date":"20250321T063727Z"'];

const weka = s3Event({
  auditVersion: "1.weka",
  wekaInfo: { clusterName: "prod-1", serverName: "s3-07", version: "4.4.6" },
});
const minio = s3Event({ version: "1", trigger: "incoming", accessKey: "AKIAIOSFODNN7EXAMPLE" });
const minio_newer = JSON.stringify({
  version: "2",
  time: "2025-03-21T06:37:27.915055685Z",
  callInfo: {
    requestHeader: { Authorization: `Bearer ${web_token}` },
    requestQuery: { Token: session_token, LDAPPassword: "correct horse" },
  },
});

const hex = (text: string): string => Buffer.from(text).toString("hex").toUpperCase();
/** Lines of one event. */
const audit = (serial: number, ...lines: [type: string, rest: string][]): string =>
  lines
    .map(
      ([type, rest]) =>
        `type=${type} msg=audit(${1_364_481_360 + 3 * serial}.243:${serial}): ${rest}`,
    )
    .join("\n");

const auditd = [
  audit(
    1,
    [
      "SYSCALL",
      'arch=c000003e syscall=59 a0=4D a1=10 success=yes comm="mysql" exe="/usr/bin/mysql" key="cmd"',
    ],
    ["EXECVE", 'argc=4 a0="mysql" a1="-u" a2="root" a3="-pSecr3t!"'],
    ["PROCTITLE", `proctitle=${hex("mysql\0-u\0root\0-pSecr3t!")}`],
  ),
  audit(
    2,
    ["EXECVE", 'argc=43 a0="deploy" a41="--token"'],
    ["EXECVE", `a42=${hex("tok 93aF-")}`],
    ["PROCTITLE", 'proctitle="curl https://bob:Hunter2@example.com/"'],
  ),
  audit(3, ["TTY", `tty pid=7 uid=0 comm="bash" data=${hex("Secr3t!\r")}`]),
  audit(4, [
    "USER_CMD",
    `pid=99 uid=1000 auid=1000 ses=3 msg='cwd="/root" cmd=${hex("psql --password=Secr3t! db")} exe="/usr/bin/sudo" res=success'`,
  ]),
  audit(5, ["EXECVE", 'argc=5 a0="sshpass" a1="-p" a2="Secr3t!" a3="ssh" a4="h"']),
  audit(6, [
    "EXECVE",
    'argc=3 a0="curl" a1="--user=ann:Secr3t!" a2="/k?AWSAccessKeyId=AKIAEXAMPLE&Signature=Secr3tOf28CharactersInAll12%3D"',
  ]),
  audit(7, ["EXECVE", `argc=3 a0="sh" a1="-c" a2=${hex("mysql -pSecr3t! -e x")}`]),
  audit(8, ["EXECVE", `argc=3 a0="sh" a1_len=9000 a1[0]=${hex("x Secr3t! y")} a2="z"`]),
  audit(9, [
    "USER_CMD",
    `pid=1 uid=0 msg='cwd="/" cmd=${hex("curl -H Authorization: Bearer Secr3t! x")} exe="/usr/bin/sudo" res=success'UID="root"`,
  ]),
  `node=db-1 ${audit(10, ["USER_LOGIN", "pid=1 uid=0 msg='op=login acct=\"alice\" res=success'"])}\u001dUID="root" AUID="alice"`,
];

const kube = (more: object): string =>
  JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "RequestResponse",
    auditID: "9b1f4e0c-5a52-4d3e-8b56-0a5f0c5f7b11",
    stage: "ResponseComplete",
    verb: "create",
    user: { username: "alice", groups: ["admins"] },
    requestURI: "/api/v1/namespaces/shop/things",
    requestReceivedTimestamp: "2025-03-21T06:37:27.915055Z",
    ...more,
  });

const kubernetes = [
  kube({
    objectRef: { resource: "secrets", namespace: "shop", name: "db" },
    requestObject: {
      data: { password: "Q29ycmVjdEhvcnNl" },
      metadata: {
        annotations: {
          "kubectl.kubernetes.io/last-applied-configuration": '{"stringData":{"a":"CorrectHorse"}}',
        },
      },
    },
    responseObject: { items: [{ data: { password: "Q29ycmVjdEhvcnNl" } }] },
  }),
  kube({
    verb: "patch",
    objectRef: { resource: "secrets", namespace: "shop", name: "db" },
    requestObject: [{ op: "replace", path: "/data/password", value: "Q29ycmVjdEhvcnNl" }],
  }),
  kube({
    objectRef: { resource: "serviceaccounts", subresource: "token", name: "robot" },
    responseObject: { status: { token: web_token } },
  }),
  kube({
    objectRef: { resource: "pods", subresource: "exec", namespace: "shop", name: "web-1" },
    requestURI: "/api/v1/namespaces/shop/pods/web-1/exec?command=login&command=CorrectHorse",
  }),
  kube({
    objectRef: { resource: "deployments", namespace: "shop", name: "web" },
    requestObject: {
      spec: {
        replicas: 3,
        template: { spec: { containers: [{ env: [{ name: "PW", value: "CorrectHorse" }] }] } },
      },
    },
  }),
];

/** What programs in containers write: JSON, which runtimes cut where it is long, and text. */
const written = [
  '{"level":"info","user":"ann","db":{"password":"CorrectHorse"},"time":"2025-03-21T06:37:27Z"}',
  `{"msg":"login","headers":{"Authorization":"Bearer ${web_token}","Cookie":"${cookie}"},"n":1}`,
  "connected to db with password=CorrectHorse as ann",
];
const container_time = "2025-03-21T06:37:28.915055685Z";

/** The first in two parts, of which one ends inside its secret. */
const parts = written.map((text, at) => (at === 0 ? [text.slice(0, 55), text.slice(55)] : [text]));
const pods = parts.map((each, at) =>
  each
    .map((text, part) => {
      const stream = at === 1 ? "stderr" : "stdout";
      return `${container_time} ${stream} ${part < each.length - 1 ? "P" : "F"} ${text}`;
    })
    .join("\n"),
);
const docker = parts.map((each, at) =>
  each
    .map((text, part) => {
      const log = part < each.length - 1 ? text : `${text}\n`;
      const stream = at === 1 ? "stderr" : "stdout";
      return JSON.stringify({ log, stream, attrs: { tag: "web-1" }, time: container_time });
    })
    .join("\n"),
);
const container_secrets = ["CorrectHorse", web_token, cookie.slice(8)];
const container_kept = ['"user":"ann"', '"msg":"login"', "connected to db"];

const hashed = (digit: string): string => `hmac-sha256:${digit.repeat(64)}`;
const vault = (more: object): string =>
  JSON.stringify({ time: "2025-03-21T06:37:27.915055685Z", type: "response", ...more });

const vault_records = [
  vault({
    auth: { client_token: hashed("a"), accessor: hashed("b"), display_name: "ldap-alice" },
    request: { operation: "read", path: "secret/data/db", client_token: hashed("a") },
    response: { data: { data: { password: hashed("c") }, metadata: { version: 7 } } },
  }),
  // A device with log_raw.
  vault({
    auth: { client_token: "hvs.CAESIJRM-T1q5lEjIWux1Tjx" },
    request: {
      operation: "update",
      path: "auth/userpass/login/alice",
      data: { password: "CorrectHorse" },
    },
    response: { auth: { client_token: "hvs.CAESIJRM-T1q5lEjIWux1Tjx" }, wrap_info: null },
  }),
];

const cloudtrail = (more: object): string =>
  JSON.stringify({
    eventVersion: "1.11",
    eventTime: "2025-03-21T06:37:27Z",
    awsRegion: "us-east-1",
    sourceIPAddress: "203.0.113.14",
    eventID: "3038ebd2-c98a-4c65-9b6e-e22506292313",
    ...more,
  });

const cloudtrail_records = [
  cloudtrail({
    eventSource: "sts.amazonaws.com",
    eventName: "AssumeRole",
    readOnly: true,
    userIdentity: { type: "AWSService", invokedBy: "ecs.amazonaws.com" },
    responseElements: {
      credentials: { accessKeyId: "ASIAIOSFODNN7EXAMPLE", sessionToken: session_token },
    },
  }),
  cloudtrail({
    eventSource: "rds.amazonaws.com",
    eventName: "CreateDBInstance",
    requestParameters: { masterUserPassword: "CorrectHorse", allocatedStorage: 20 },
    responseElements: null,
  }),
];

/** As journalctl writes entries in the export format; lines of fields, and binary ones with their length. */
const journal = (...fields: string[]): string =>
  ["__CURSOR=s=1", "__REALTIME_TIMESTAMP=1742539047915055", "_HOSTNAME=db-1", ...fields, ""].join(
    "\n",
  );
const withLength = (name: string, value: string): string => {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(value)));
  return `${name}\n${length.toString("latin1")}${value}`;
};

const journald = [
  journal("MESSAGE=Accepted publickey for alice", "_CMDLINE=sshd: alice [priv]"),
  journal('MESSAGE={"user":"alice","password":"CorrectHorse"}'),
  journal("MESSAGE=ann : TTY=pts/0 ; USER=root ; COMMAND=/usr/bin/mysql -u root -pSecr3t! db"),
  journal(
    withLength("MESSAGE", "line one\n\n\u001b[1mpassword=CorrectHorse\u001b[0m\nline three"),
    "_PID=7",
  ),
  journal("_CMDLINE=deploy --token Secr3t! --verbose", `TOKEN=${web_token}`),
];

/** As nginx has the time: that of the machine, to the second. */
const served_at = new Date();
const served_at_text = `${served_at.toDateString().slice(4, 7)} ${String(served_at.getDate()).padStart(2)} ${served_at.toTimeString().slice(0, 8)}`;
const nginx = (more: object): string =>
  `<190>${served_at_text} nginx: ${JSON.stringify({ remote_addr: "203.0.113.14", method: "GET", host: "shop.example.com", ...more })}`;

const requests = [
  { uri: "/cart", status: 200, args: "id=7&access_token=S3cr3tPlanted", referer: "" },
  { uri: "/login", status: 302, args: "", referer: "https://a.example/?code=S3cr3tPlanted#top" },
  { uri: "/kept", status: 404, args: "page=2", referer: "https://a.example/?page=1" },
];
const nginx_lines = requests.map((more) =>
  JSON.stringify({ time: "2025-03-21T06:37:27+00:00", remote_addr: "203.0.113.14", ...more }),
);

/** As MySQL Enterprise Audit has it, in UTC. */
const mysql = (id: number, query: string): string =>
  JSON.stringify({
    timestamp: "2025-03-21 06:37:27",
    id,
    class: "general",
    event: "status",
    account: { user: "ann", host: "localhost" },
    general_data: { command: "Query", sql_command: "alter_user", query, status: 0 },
  });

const mysql_records = [
  mysql(0, "ALTER USER 'bob'@'%' IDENTIFIED BY 'Correct''Horse' REPLACE \"Correct'Horse\""),
  mysql(1, "CREATE USER c IDENTIFIED WITH caching_sha2_password BY 'Secr3t\\'!' PASSWORD EXPIRE"),
  mysql(2, "SELECT AES_DECRYPT(pin, 'Secr3t!') FROM cards WHERE name = 'kept'"),
  mysql(3, "CHANGE REPLICATION SOURCE TO SOURCE_USER='r', SOURCE_PASSWORD = 'Secr3t!'"),
  mysql(4, "SET PASSWORD FOR 'bob'@'%' = 'Secr3t"),
];

const nginx_records = [
  nginx({ uri: "/cart", status: 200, args: `id=7&access_token=${web_token}` }),
  nginx({ uri: "/login", status: 302, args: "user=alice&password=CorrectHorse" }),
  nginx({ uri: "/kept", status: 404, args: "page=2" }),
];

const in_2025 = "1742539047";

/** By the name of the recipe. */
const statement = (id: number, rest: string): string =>
  `2025-03-21 06:37:2${id}.915 UTC [4711] ann@shop LOG:  AUDIT: SESSION,${id},1,${rest},<none>`;
/** PostgreSQL begins the lines within a statement with a tab. */
const postgresql = [
  statement(7, "ROLE,ALTER ROLE,,,\"ALTER ROLE ann\n\tPASSWORD\n\t'CorrectHorse'\""),
  statement(8, 'READ,SELECT,,,"SELECT\n\t1"'),
  statement(
    9,
    `DDL,CREATE USER MAPPING,,,"CREATE USER MAPPING FOR ann SERVER old\n\tOPTIONS (user 'bob',\n\tpassword 'CorrectHorse')"`,
  ),
  statement(
    9,
    `DDL,CREATE SUBSCRIPTION,,,"CREATE SUBSCRIPTION s\n\tCONNECTION 'postgres://app:CorrectHorse@db/shop'\n\tPUBLICATION p"`,
  ),
  statement(
    9,
    'FUNCTION,DO,,,"-- -----BEGIN PRIVATE KEY-----\n\tMIIEexample\n\t-----END PRIVATE KEY-----\n\tDO"',
  ),
];

export const auditRecords: Readonly<Record<string, AuditRecords>> = {
  logrotate: {
    lines: ['{"time":"2025-03-21T06:37:27Z","user":"alice","password":"CorrectHorse","n":1}'],
    secrets: ["CorrectHorse"],
    kept: ['"user":"alice"', '"n":1'],
    time: in_2025,
  },
  weka: {
    lines: [weka],
    secrets: s3_secrets,
    kept: [...s3_kept, '"auditVersion":"1.weka"'],
    time: `${in_2025}.915055685`,
  },
  minio: {
    lines: [minio, minio_newer],
    secrets: [...s3_secrets, "correct horse"],
    kept: [...s3_kept, '"accessKey":"AKIAIOSFODNN7EXAMPLE"'],
    time: `${in_2025}.915055685`,
  },
  auditd: {
    lines: auditd,
    secrets: ["Secr3t", "tok 93aF", "Hunter2"],
    kept: ['comm=\\"mysql\\"', 'a2=\\"root\\"', 'acct=\\"alice\\"', "\\u001dUID", "node=db-1"],
    time: "1364481363.243",
  },
  journald: {
    lines: journald,
    secrets: ["CorrectHorse", "Secr3t", web_token],
    kept: [
      "Accepted publickey for alice",
      "sshd: alice [priv]",
      "line one\\n",
      "-u root",
      '"_PID":"7"',
    ],
    time: `${in_2025}.915055`,
  },
  postgresql: {
    lines: postgresql,
    secrets: ["CorrectHorse", "MIIEexample"],
    kept: ["ALTER ROLE ann", "SELECT\\n\\t1", "OPTIONS (user 'bob'", "postgres://app:"],
    time: `${in_2025}.915`,
  },
  docker: {
    lines: docker,
    secrets: container_secrets,
    kept: container_kept,
    time: "1742539047",
  },
  "kubernetes-pods": {
    lines: pods,
    secrets: container_secrets,
    kept: container_kept,
    time: "1742539047",
  },
  kubernetes: {
    lines: kubernetes,
    secrets: ["Q29ycmVjdEhvcnNl", "CorrectHorse", web_token],
    kept: ['"username":"alice"', '"resource":"secrets"', '"name":"web-1"', '"replicas":3'],
    time: `${in_2025}.915055`,
  },
  nginx: {
    lines: nginx_records,
    secrets: [web_token, "CorrectHorse"],
    kept: [
      "<190>",
      "203.0.113.14",
      "/cart",
      "id=7",
      "user=alice",
      '/kept\\",\\"status\\":404',
      "page=2",
    ],
    time: String(Math.floor(served_at.getTime() / 1000)),
  },
  "nginx-file": {
    lines: nginx_lines,
    secrets: ["S3cr3tPlanted"],
    kept: ["id=7", "access_token=", "https://a.example/?code=", "#top", "page=2", "/?page=1"],
    time: in_2025,
  },
  mysql: {
    lines: mysql_records,
    secrets: ["Correct", "Secr3t"],
    kept: ["'bob'@'%'", "AES_DECRYPT(pin, ", "name = 'kept'", "SOURCE_USER='r'", "PASSWORD EXPIRE"],
    time: in_2025,
  },
  vault: {
    lines: vault_records,
    secrets: ["hvs.CAESIJRM", "CorrectHorse"],
    kept: [hashed("a"), hashed("b"), hashed("c"), '"version":7', "auth/userpass/login/alice"],
    time: `${in_2025}.915055685`,
  },
  cloudtrail: {
    lines: cloudtrail_records,
    secrets: [session_token, "CorrectHorse"],
    kept: ["ASIAIOSFODNN7EXAMPLE", '"responseElements":null', '"eventName":"AssumeRole"'],
    time: in_2025,
  },
};
