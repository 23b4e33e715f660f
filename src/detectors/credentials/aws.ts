/**
 * Signatures and key ids of AWS, in the header as in a URL. A signature authenticates; the access key id, the scope and the
 * names of the signed headers identify who signed, and are kept.
 */
import { allBut, alphabet, alphanumeric, base64, blanks, hex } from "../contract/alphabet.ts";
import { anyCase, type Detector, exactly, type Found, type Way } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";

const assigned = anyCase("signature=", "signature%3d", "signature%253d");
/** A signature in base64 is percent-encoded in a URL. */
const base64_encoded = alphabet("A-Za-z0-9+/=%");
const header = allBut("\r\n\"'`<>\\");

/** Short ones are words, or what a shortened line has left. */
const signature_length_min = 16;
/** Of SigV2: 20 bytes in base64. */
const old_signature_length_min = 20;
/** How far before its signature the header of SigV4 may begin. */
const header_length_max = 4096;

function signatureV4(text: Text, at: number, end: number): Found | undefined {
  const stop = text.runEnd(end, hex);
  if (stop - end < signature_length_min || text.isAt(stop, base64)) return undefined;
  const part = { start: end, end: stop };
  const scheme = text.previous("AWS4-", at);
  const is_header = scheme >= 0 && at - scheme <= header_length_max;
  if (!is_header || text.runStart(at, header) > scheme) return part;
  return { start: scheme, end: stop, secret: [part] };
}

function signatureV2(text: Text, _at: number, end: number): Found | undefined {
  // In a URL that is percent-encoded as a whole, so is the `&` behind it.
  const stop = Math.min(text.runEnd(end, base64_encoded), text.next("%26", end));
  if (stop - end < old_signature_length_min) return undefined;
  const is_hexadecimal = text.runEnd(end, hex) === stop;
  return is_hexadecimal ? undefined : { start: end, end: stop };
}

const in_json = alphabet("A-Za-z0-9+/=%\\");

function isLong(text: Text, _at: number, end: number): boolean {
  return text.runEnd(end, in_json) - end >= signature_length_min;
}

/** `AWS AccessKeyId:Signature`. */
function headerV2(text: Text, at: number, end: number): Found | undefined {
  const colon = text.runEnd(end, alphanumeric);
  if (colon - end < 3 || colon - end > 128 || text.byte(colon) !== 0x3a) return undefined;
  const stop = text.runEnd(colon + 1, base64_encoded);
  if (stop - colon - 1 < old_signature_length_min) return undefined;
  return { start: at, end: stop, secret: [{ start: colon + 1, end: stop }] };
}

const secret_length_min = 40;
const mixed = [/[a-z]/, /[A-Z]/, /[\d+/]/];

/** A secret access key is 40 characters of base64, and nothing else is known of it. In a URL a path may go on behind it. */
function secretAt(text: Text, start: number): Found | undefined {
  const end = text.runEnd(start, base64);
  if (end - start < secret_length_min) return undefined;
  const key = text.slice(start, start + secret_length_min);
  return mixed.every((each) => each.test(key)) ? { start, end } : undefined;
}

/** As `aws configure set aws_secret_access_key` has it. */
function secretBehindName(text: Text, _at: number, end: number): Found | undefined {
  return secretAt(text, text.runEnd(end, blanks));
}

/** A blank is a plus or an escape in a URL. */
const blank_spellings = [" ", "+", "%20", "%2520"];

/** Where the key is known by what stands before it, without a sign that assigns it. */
export const aws_secret: Way = {
  anchors: anyCase(...blank_spellings.map((blank) => `secret_access_key${blank}`)),
  look: secretBehindName,
};

const base32 = alphabet("A-Z2-7");

function keyId(text: Text, at: number, end: number): Found | undefined {
  const stop = text.runEnd(end, base32);
  const is_id = stop - end >= 12 && text.isWordStart(at) && !text.isAt(stop, alphanumeric);
  return is_id ? { start: at, end: stop } : undefined;
}

export const aws: readonly Detector[] = [
  {
    id: "aws-sigv4",
    group: "credentials",
    finds: "signatures of AWS Signature Version 4, in the header and in presigned URLs",
    example:
      "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20250321/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=xxxxxxxxxxxxxxxx",
    keeps: "the scheme, Credential and SignedHeaders; all of the URL but the signature",
    ways: [{ anchors: assigned, look: signatureV4, quick: isLong }],
  },
  {
    id: "aws-sigv2",
    group: "credentials",
    finds: "signatures of AWS Signature Version 2, in the header and in presigned URLs",
    example: "AWS AKIAEXAMPLE:xxxxxxxxxxxxxxxxxxxxxxxxxxx=",
    keeps: "the scheme and the access key id",
    ways: [
      { anchors: assigned, look: signatureV2, quick: isLong },
      {
        anchors: exactly("AWS "),
        look: headerV2,
        quick: (text, _at, end) => text.byte(text.runEnd(end, alphanumeric)) === 0x3a,
      },
    ],
  },
];

/** Off unless it is asked for: the id of a key identifies its owner, and authenticates nobody. */
export const aws_key_id: Detector = {
  id: "aws-key-id",
  group: "identifiers",
  finds: "ids of AWS access keys, which identify and do not authenticate",
  example: "AKIAXXXXXXXXXXXXXXXX",
  ways: [{ anchors: exactly("AKIA", "ASIA", "ABIA", "ACCA"), look: keyId }],
};
