/**
 * Audit events without any secret, made from a seed, in formats of JSON and of text. They are full of what looks like one: ids in
 * hexadecimal and base64, UUIDs, ARNs, etags, times, digests, signed headers without a signature, and lists of tokens.
 */
import type { RandomSource } from "../random/random-source.ts";
import { auditd, journald, syslog } from "./clean/system.ts";
import { databases } from "./clean/databases.ts";
import { address, base64, hex, type Make, time } from "./clean/parts.ts";
import { containers, web } from "./clean/servers.ts";
import { characters, guid } from "./planted.ts";

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const agents = [
  "aws-sdk-go/1.44.235 (go1.18.10; linux; amd64) S3Manager",
  "aws-cli/2.15.30 Python/3.11.8 Linux/5.14.0 exe/x86_64.rhel.9 prompt/off command/s3.cp",
  "Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.8",
  "MinIO (linux; amd64) minio-go/v7.0.70 mc/RELEASE.2024-05-09T17-04-24Z",
  "kubelet/v1.29.4 (linux/amd64) kubernetes/55019c8",
  "kube-controller-manager/v1.29.4 (linux/amd64) kubernetes/55019c8/system:serviceaccount:kube-system:token-cleaner",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36",
  "curl/8.5.0",
  "Terraform/1.7.5 (+https://www.terraform.io) terraform-provider-aws/5.41.0",
];
const buckets = [
  "phg-sandman",
  "audit",
  "ml-training-data",
  "token-archive",
  "password-policy-docs",
];

function objectName(random: RandomSource): string {
  return random.one([
    `cat-and-dog-${hex(random, random.between(1, 12))}.jpg`,
    `models/2025/03/run-${guid(random)}/part-0000.parquet`,
    `backup/${hex(random, 64)}`,
    `disk-${hex(random, 32)}/task-${hex(random, 40)}.bin`,
    `a/b/c-${hex(random, 8)}`,
    `logs/2025/03/21/${guid(random)}.json.gz`,
    `docs/secret-santa/bearer bonds and basic authentication.txt`,
    `keys/BEGIN CERTIFICATE.pem`,
    `signature=valid/token_count=5/part.csv`,
  ]);
}

/** WEKA and MinIO; the header of the signature is cut off before it, as WEKA does. */
function s3Audit(random: RandomSource): string {
  const agent = random.one(agents);
  const id = `AKIA${characters(random, 16, base32)}`;
  const query = random.one([
    {},
    { "list-type": "2", "continuation-token": base64(random, 30), prefix: "a/" },
    { uploadId: base64(random, 45), partNumber: "7" },
    { "X-Amz-Credential": `${id}/20250321/us-east-1/s3/aws4_request`, "X-Amz-Expires": "300" },
  ]);
  return JSON.stringify({
    api: {
      bucket: random.one(buckets),
      name: random.one(["PutObject", "GetObject", "HeadObject", "ListObjectsV2", "DeleteObject"]),
      object: objectName(random),
      status: "OK",
      statusCode: 200,
      timeToResponse: `${random.between(100_000, 99_999_999)}ns`,
    },
    auditVersion: "1.weka",
    deploymentid: guid(random),
    remotehost: address(random),
    requestHeader: {
      Authorization: `AWS4-HMAC-SHA256 Credential=${id}/20250321/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token...`,
      "User-Agent": agent,
      "Content-Type": "application/x-www-form-urlencoded",
      "Content-Md5": base64(random, 16),
      "X-Amz-Content-Sha256": hex(random, 64),
      "X-Amz-Date": "20250321T063727Z",
      "X-Amz-Copy-Source": `/${random.one(buckets)}/${objectName(random)}`,
      Referer: random.chance(0.1)
        ? `https://console.example.com/browse?page_token=${base64(random, 12)}`
        : "https://console.example.com/browse?user=ann@example.com",
    },
    requestQuery: query,
    requestID: hex(random, 16).toUpperCase(),
    requestClaims: { accessKey: id, sub: guid(random), email: "ann@example.com" },
    responseHeader: {
      "Content-Length": String(random.between(0, 1_000_000)),
      ETag: `${hex(random, 32)}-${random.between(1, 99)}`,
      Server: "S3",
      "X-Amz-Id-2": base64(random, 57),
      "X-Amz-Request-Id": hex(random, 16).toUpperCase(),
    },
    time: time(random, 9),
    userAgent: agent,
    wekaInfo: { clusterGUID: guid(random), clusterName: "DAD08-B", serverIP: address(random) },
  });
}

function cloudTrail(random: RandomSource): string {
  const account = characters(random, 12, "0123456789");
  const role = `AROA${characters(random, 17, base32)}`;
  const arn = `arn:aws:sts::${account}:assumed-role/token-service/i-${hex(random, 17)}`;
  const call = random.one([
    {
      name: "GetObject",
      parameters: {
        bucketName: random.one(buckets),
        key: objectName(random),
        "x-amz-request-payer": "requester",
      },
      answer: null,
    },
    {
      name: "RunInstances",
      parameters: { clientToken: guid(random), imageId: `ami-${hex(random, 17)}`, keyName: "ops" },
      answer: { reservationId: `r-${hex(random, 17)}` },
    },
    {
      name: "GetSecretValue",
      parameters: {
        secretId: `arn:aws:secretsmanager:us-east-1:${account}:secret:prod/db-${characters(random, 6)}`,
      },
      answer: null,
    },
    {
      name: "ListUsers",
      parameters: { nextToken: base64(random, 40), maxResults: 50 },
      answer: null,
    },
    {
      name: "UpdateLoginProfile",
      parameters: { userName: "ann", passwordResetRequired: true },
      answer: { passwordLastUsed: "Mar 18, 2025 4:07:39 PM" },
    },
    {
      name: "CreateAccessKey",
      parameters: null,
      answer: {
        accessKey: { accessKeyId: `AKIA${characters(random, 16, base32)}`, status: "Active" },
      },
    },
  ]);
  return JSON.stringify({
    eventVersion: "1.09",
    userIdentity: {
      type: "AssumedRole",
      principalId: `${role}:i-${hex(random, 17)}`,
      arn,
      accountId: account,
      accessKeyId: `ASIA${characters(random, 16, base32)}`,
      sessionContext: { attributes: { mfaAuthenticated: "false", creationDate: time(random, 0) } },
    },
    eventTime: time(random, 0),
    eventSource: "s3.amazonaws.com",
    eventName: call.name,
    awsRegion: "us-east-1",
    sourceIPAddress: address(random),
    userAgent: `[${random.one(agents)}]`,
    requestParameters: call.parameters,
    responseElements: call.answer,
    additionalEventData: {
      SignatureVersion: "SigV4",
      CipherSuite: "ECDHE-RSA-AES128-GCM-SHA256",
      AuthenticationMethod: "AuthHeader",
      "x-amz-id-2": base64(random, 57),
    },
    requestID: guid(random),
    eventID: guid(random),
    tlsDetails: { tlsVersion: "TLSv1.3", clientProvidedHostHeader: "s3.us-east-1.amazonaws.com" },
    ...(random.chance(0.1) && {
      errorCode: "AccessDenied",
      errorMessage: `User: ${arn} is not authorized to perform: sts:GetSessionToken`,
    }),
  });
}

function kubernetes(random: RandomSource): string {
  const name = random.one(["web", "token-controller", "secret-reader", "default"]);
  const pod = `${name}-${hex(random, 10)}-${characters(random, 5, "bcdfghjklmnpqrstvwxz2456789")}`;
  const next = Buffer.from(
    `{"v":"meta.k8s.io/v1","rv":${random.between(1, 1e6)},"start":"${pod}\\u0000"}`,
  );
  const uri = random.one([
    `/api/v1/namespaces/prod/pods/${pod}`,
    `/api/v1/namespaces/prod/secrets?limit=500&continue=${next.toString("base64url")}`,
    "/apis/authentication.k8s.io/v1/tokenreviews?timeout=10s",
    `/api/v1/namespaces/prod/serviceaccounts/${name}/token`,
    `/api/v1/watch/secrets?resourceVersion=${random.between(1, 1e8)}&timeoutSeconds=425&watch=true`,
  ]);
  const body = random.one([
    undefined,
    {
      kind: "Pod",
      spec: {
        volumes: [
          { name: "tls", secret: { secretName: "web-tls", defaultMode: 420 } },
          {
            name: "sa",
            projected: {
              sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: "token" } }],
            },
          },
        ],
        containers: [
          {
            image: `registry.example.com/web@sha256:${hex(random, 64)}`,
            env: [
              { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } },
            ],
          },
        ],
        automountServiceAccountToken: false,
        imagePullSecrets: [{ name: "regcred" }],
      },
    },
  ]);
  return JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: body === undefined ? "Metadata" : "Request",
    auditID: guid(random),
    stage: "ResponseComplete",
    requestURI: uri,
    verb: random.one(["get", "list", "watch", "create"]),
    user: {
      username: `system:serviceaccount:prod:${name}`,
      uid: guid(random),
      groups: ["system:serviceaccounts", "system:authenticated"],
      extra: {
        "authentication.kubernetes.io/credential-id": [`JTI=${guid(random)}`],
        "authentication.kubernetes.io/pod-name": [pod],
      },
    },
    sourceIPs: [address(random)],
    userAgent: random.one(agents),
    objectRef: {
      resource: random.one(["pods", "secrets", "configmaps"]),
      namespace: "prod",
      name: pod,
      apiVersion: "v1",
      resourceVersion: String(random.between(1, 1e9)),
    },
    responseStatus: random.chance(0.1)
      ? { code: 401, message: "Unauthorized", reason: "invalid bearer token, token lookup failed" }
      : { metadata: {}, code: 200 },
    ...(body !== undefined && { requestObject: body }),
    requestReceivedTimestamp: time(random, 6),
    stageTimestamp: time(random, 6),
    annotations: {
      "authorization.k8s.io/decision": "allow",
      "authorization.k8s.io/reason": `RBAC: allowed by ClusterRoleBinding "${name}" of ClusterRole "system:basic-user" to ServiceAccount "${name}/prod"`,
    },
  });
}

function vault(random: RandomSource): string {
  const hmac = (): string => `hmac-sha256:${hex(random, 64)}`;
  return JSON.stringify({
    time: time(random, 9),
    type: random.one(["request", "response"]),
    auth: {
      client_token: hmac(),
      accessor: hmac(),
      display_name: "approle",
      policies: ["default", "secret-reader"],
      token_policies: ["default", "secret-reader"],
      metadata: { role_name: "web", secret_id_accessor: hmac() },
      entity_id: guid(random),
      token_type: "service",
      token_ttl: 3600,
      token_issue_time: time(random, 0),
    },
    request: {
      id: guid(random),
      client_id: base64(random, 32),
      operation: "read",
      mount_type: "kv",
      client_token: hmac(),
      client_token_accessor: hmac(),
      path: random.one([
        "secret/data/web",
        "auth/token/lookup-self",
        "sys/policies/password/web",
        "auth/approle/login",
      ]),
      data: random.chance(0.5) ? { role_id: hmac(), secret_id: hmac() } : null,
      remote_address: address(random),
      namespace: { id: "root" },
      headers: { "user-agent": [random.one(agents)] },
    },
    response: {
      mount_type: "kv",
      data: {
        data: { password: hmac(), user: hmac() },
        metadata: { version: 3, destroyed: false },
      },
    },
  });
}

/** The formats by name, and how an event of each is made. */
export const clean_formats: Readonly<Record<string, Make>> = {
  s3_audit: s3Audit,
  cloudtrail: cloudTrail,
  kubernetes,
  vault,
  auditd,
  syslog,
  journald,
  web,
  databases,
  containers,
};
