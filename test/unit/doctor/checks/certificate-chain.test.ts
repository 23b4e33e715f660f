/**
 * What is said of a chain that ends before an authority that is trusted.
 */
import type { DetailedPeerCertificate } from "node:tls";
import { expect, test } from "vitest";
import { explainDistrust } from "../../../../src/doctor/checks/certificate-chain.ts";

/** Certificates of public authorities tell where that of their issuer is to be had; ours from test/support do not. */
const public_leaf = {
  subject: { CN: "splunk.example.com" },
  issuer: { CN: "Example Intermediate R3" },
  infoAccess: { "CA Issuers - URI": ["http://ca.example.com/r3.der"] },
} as unknown as DetailedPeerCertificate;
const { infoAccess: _, ...private_leaf } = public_leaf;

const facts = { has_ca_file: false, now_ms: 0 };

test("certificate chain - a public authority's certificate that comes alone lacks the one between", () => {
  const { cause, message } = explainDistrust("tls_unknown_authority", [public_leaf], facts);
  expect(cause).toBe("tls_intermediate_missing");
  expect(message).toContain("Example Intermediate R3");
});

test("certificate chain - a certificate may say anything, at any length", () => {
  const odd = {
    subject: { CN: "n".repeat(10_000) },
    issuer: {},
    valid_to: "Bad time value",
    subjectaltname: "DNS:a.example.com, ".repeat(1000),
  } as unknown as DetailedPeerCertificate;
  const expired = explainDistrust("tls_expired", [odd], facts).message;
  expect(expired).toMatch(/^the certificate of n{300}… expired on \(no date\)$/);
  expect(explainDistrust("tls_wrong_name", [odd], facts).message.length).toBeLessThan(400);
});

test("certificate chain - a private authority's certificate that comes alone has an authority that is not known", () => {
  const leaf = private_leaf as DetailedPeerCertificate;
  expect(explainDistrust("tls_unknown_authority", [leaf], facts).cause).toBe(
    "tls_unknown_authority",
  );
});
