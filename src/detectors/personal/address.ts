/** Addresses of the Internet Protocol, versions 4 and 6. */
import { isIPv6 } from "node:net";
import type { Detector, Found } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";

const octet = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)`;
/** Not a part of a longer number with dots, as of a version or an object id. */
const version_4 = new RegExp(String.raw`(?<![\w.-])${octet}(?:\.${octet}){3}(?![\w-]|\.\d)`, "g");
const version_6 = /(?<![\w:.])[0-9A-Fa-f:]{2,39}(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?![\w:]|\.\d)/g;

function sweepWith(shape: RegExp, isOne: (match: string) => boolean): (text: Text) => Found[] {
  return (text) => {
    const shown = text.slice(text.start, text.end);
    return [...shown.matchAll(shape)]
      .filter(([match]) => isOne(match))
      .map(({ 0: match, index }) => ({
        start: text.start + index,
        end: text.start + index + match.length,
      }));
  };
}

/** Times and words with colons have too few of them; `::` alone is no one's address. */
function isVersion6(match: string): boolean {
  return match.length > 2 && match.indexOf(":") !== match.lastIndexOf(":") && isIPv6(match);
}

export const ip_v4: Detector = {
  id: "ipv4",
  group: "personal",
  finds: "IPv4 addresses",
  example: "xxx.xx.xx.xx",
  ways: [],
  sweep: sweepWith(version_4, () => true),
};

export const ip_v6: Detector = {
  id: "ipv6",
  group: "personal",
  finds: "IPv6 addresses",
  example: "xxxx:xxx::xxxx",
  ways: [],
  sweep: sweepWith(version_6, isVersion6),
};
