/**
 * The text mask on the lines that it meets, beside the one of another checkout where its directory is given.
 *
 *     node bench/micro/text-mask.ts [DIRECTORY]
 *
 * Both run in turns, so that a change of clock speed hits them alike; printed is the fastest round of each.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type SecretName, textMask } from "../../src/chain/masking/text-mask.ts";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";

const lines_count = 500;
const rounds = 60;

type MakeMask = (names: readonly SecretName[], replacement: string) => (text: string) => string;

const names = ["Authorization", "password", "token"].map((name) => ({ name, replacement: "***" }));
const makers: MakeMask[] = [textMask];
const other = process.argv[2];
if (other !== undefined) {
  const url = pathToFileURL(resolve(other, "src/chain/masking/text-mask.ts")).href;
  makers.push(((await import(url)) as { textMask: MakeMask }).textMask);
}
const masks = makers.map((make) => make(names, "***"));

const kinds: Record<string, (number: number) => string> = {
  "access log": (number) =>
    `216.58.0.${number % 256} - - [21/Mar/2025:06:37:27 +0000] "GET /items?page=${number}&q=a%20b HTTP/1.1" 200 ${number * 7} "-" "Mozilla/5.0 (X11; Linux x86_64)"`,
  syslog: (number) => `Mar 21 06:37:27 host kernel: [${number}.123] eth0: link up, full duplex`,
  sshd: (number) => `sshd[${number}]: Failed password for root from 10.0.0.1 port ${number} ssh2`,
  logfmt: (number) => `level=info msg=login user=ann password=hunter${number} ip=10.0.0.1`,
  headers: (number) => `GET / HTTP/1.1\nHost: x\nAuthorization: Bearer abc${number}\nAccept: */*`,
  coloured: (number) => `\u001b[36mINFO\u001b[0m[${number}] done \u001b[36mstatus\u001b[0m=200`,
  "strict JSON": wekaEvent,
  "broken JSON": (number) => wekaEvent(number).slice(0, -1),
};

function measure(mask: (text: string) => string, lines: readonly string[]): number {
  const started = process.hrtime.bigint();
  for (const line of lines) mask(line);
  return Number(process.hrtime.bigint() - started) / lines.length;
}

for (const [kind, make] of Object.entries(kinds)) {
  const lines = Array.from({ length: lines_count }, (_unused, number) => make(number));
  const best = masks.map(() => Infinity);
  for (let round = 0; round < rounds; round += 1) {
    masks.forEach((mask, which) => {
      best[which] = Math.min(best[which]!, measure(mask, lines));
    });
  }
  const shown = best.map((nanoseconds) => `${nanoseconds.toFixed(0).padStart(8)} ns`);
  console.log(`${kind.padEnd(14)}${shown.join("")}`);
}
