/** Private keys (RFC 7468, OpenSSH, PGP, SSH2, PuTTY), over several lines; one without its last line reaches to the end. */
import { anyCase, type Detector, type Found } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";

/** In a form that a browser sent, a blank is a plus or an escape. */
const label =
  /[A-Z0-9]*(?:(?: |\+|_|%20)+[A-Z0-9]+){0,4}?(?: |\+|_|%20)+PRIVATE(?: |\+|_|%20)+KEY(?: BLOCK)?/iy;
const dashes = /(?: |\+|%20)*-{4,5}/y;
const last_marker = "END";
const kind = {};

function pem(text: Text, at: number, end: number): Found | undefined {
  if (text.match(label, end) === null) return undefined;
  const known = text.endAround(kind, at);
  const stop = known < 0 ? keyEnd(text, end) : known;
  text.remember(kind, at, stop);
  return { start: at, end: stop };
}

/** Behind the last line of a private key: that of another thing ends no key. */
function keyEnd(text: Text, from: number): number {
  let place = text.next(last_marker, from);
  while (place < text.end) {
    const name = text.match(label, place + last_marker.length);
    if (name !== null) {
      const behind = place + last_marker.length + name[0].length;
      return behind + (text.match(dashes, behind)?.[0].length ?? 0);
    }
    place = text.next(last_marker, place + 1);
  }
  return text.end;
}

export const private_key: Detector = {
  id: "private-key",
  group: "credentials",
  finds: "private keys, over several lines, even if a part is missing",
  example: "-----BEGIN PRIVATE KEY-----xxxxxxxx-----END PRIVATE KEY-----",
  ways: [
    { anchors: anyCase("-----begin", "---- begin"), look: pem },
    { anchors: anyCase("private-lines:"), look: (text, at) => ({ start: at, end: text.end }) },
    {
      anchors: [{ literal: "AGE-SECRET-KEY-1", exact: true }],
      look: (text, at, end) => ({ start: at, end: text.runEnd(end, uppercase) }),
    },
  ],
};

const uppercase = new Uint8Array(256).fill(1, 0x30, 0x3a).fill(1, 0x41, 0x5b);
