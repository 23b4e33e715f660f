/** Hashes of passwords, as /etc/shadow and htpasswd have them (crypt(5)). They can be tried out anywhere. */
import { alphabet, alphanumeric } from "../contract/alphabet.ts";
import { type Detector, exactly, type Look } from "../contract/detector.ts";

const hash_bytes = alphabet("A-Za-z0-9./$=,+_%-");
const first_of_salt = alphabet("A-Za-z0-9./");
const length_min = 24;

/** Of bcrypt, MD5, yescrypt, Argon2 and SHA-256. */
const ids = ["$2a$", "$2b$", "$2y$", "$apr1$", "$y$j", "$argon2", ":$5$", ":$1$"];

/** The sign between its parts; percent-encoded in a URL. */
function lookWith(sign: string): Look {
  return (text, at, end) => {
    const start = text.next(sign, at);
    const stop = text.runEnd(end, hash_bytes);
    if (stop - start < length_min || text.isAt(start - 1, alphanumeric)) return undefined;
    // Between the parameters and the hash.
    return text.next(sign, end) < stop ? { start, end: stop } : undefined;
  };
}

/** That of SHA-512, whose id is one digit; the older ones stand in lines of /etc/shadow. */
const of_sha512 = { literal: "$6$", exact: true, before: first_of_salt };

function percentEncoded(text: string): string {
  return text.replaceAll("$", "%24");
}

export const password_hash: Detector = {
  id: "password-hash",
  group: "credentials",
  finds: "hashes of passwords, as in /etc/shadow and htpasswd",
  example: "$6$xxxxxxxx$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
  ways: [
    {
      anchors: [...exactly(...ids), of_sha512],
      look: lookWith("$"),
    },
    {
      anchors: exactly(...ids.map(percentEncoded), percentEncoded(of_sha512.literal)),
      look: lookWith("%24"),
    },
  ],
};
