/**
 * docs/operations/log.md, from the table of log codes.
 */
import { log_codes_by_part } from "../../src/platform/log-codes/log-codes.ts";
import type { LogCodeTable } from "../../src/platform/log-codes/log-code.ts";

const preface = `<!-- Generated from src/platform/log-codes/ by \`npm run docs\`. Do not edit. -->

# Log codes

Every line of tallyman's log carries a \`code\`, which stays the same from version to version. Match on it in alert rules and
scripts; the sentence in \`msg\` may be reworded. The lines are JSON on standard error:

\`\`\`sh
journalctl -u tallyman -o cat | jq -R 'fromjson? | select(.code == "splunk_token_refused")'
\`\`\`

On a terminal, with \`run --no-live\`, the code is in brackets after the sentence. The other keys of a line are facts: \`input\`, \`output\`,
\`path\`, \`events\`, \`error\` and so on. A line about a command's error has that error's code as \`error_code\`, see
[errors.md](errors.md). What Splunk answered is in \`status\`, \`splunk_code\` and \`detail\`.

Where it says "Nothing to do", the line is a normal part of operation.
`;

export function logReference(): string {
  const sections = Object.entries(log_codes_by_part).map(
    ([part, codes]) => `## ${part}\n\n${tableOf(codes)}`,
  );
  return [preface, ...sections].join("\n");
}

function tableOf(codes: LogCodeTable): string {
  const rows = Object.entries(codes).map(([code, { level, meaning, remedy }]) => {
    const cells = [`\`${code}\``, level, meaning, remedy ?? "Nothing to do."];
    return `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |\n`;
  });
  return `| code | level | meaning | what to do |\n| --- | --- | --- | --- |\n${rows.join("")}`;
}
