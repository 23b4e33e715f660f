/**
 * `${env:…}`, `${file:…}` and `${credential:…}`: what they stand for, and that what they put in is never shown.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { loadConfig, readConfig } from "../../../src/config/load.ts";
import { warningsFor } from "../../../src/config/explain/warnings.ts";
import { pluginsDirectory } from "../../support/events/chains.ts";
import {
  complaintsAbout,
  load,
  loadOutput,
  splunkOutput,
  writeConfiguration,
} from "../../support/configuration.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = "s3cr3t-0123456789-abcdef";

function configWith(token: string, more = ""): string {
  return `inputs:
  a: { paths: [/var/log/a.log] }
output:
  url: https://splunk:8088
  token: ${token}
${more}`;
}

describe("files that are replaced", () => {
  /** A configuration whose token is in `token` beside it, and what replaces that file. */
  async function withTokenFile(reference: string, environment: NodeJS.ProcessEnv = {}) {
    const file = writeConfiguration(configWith(reference));
    const token_file = join(dirname(file), "token");
    writeFileSync(token_file, `${secret}\n`);
    const config = await loadConfig(file, { CREDENTIALS_DIRECTORY: dirname(file), ...environment });
    const replace = (text: string): void => {
      writeFileSync(`${token_file}.new`, text);
      renameSync(`${token_file}.new`, token_file);
    };
    return { token: splunkOutput(config).token, replace, token_file };
  }

  test.each([
    ["${file:token}", "new-token"],
    ["${credential:token}", "new-token"],
    ["a-${file:token}-${env:S}", "a-new-token-s"],
  ])("interpolation - the token of %s is read again", async (reference, expected) => {
    const { token, replace } = await withTokenFile(reference, { S: "s" });
    const former = token.reveal();
    replace("new-token\n");
    expect(await token.refresh()).toBeUndefined();
    expect(token.reveal()).toBe(expected);
    expect(token.hideIn(`${expected} ${former}`)).toBe("*** ***");
  });

  test.each([
    ["", /token is empty$/],
    ["two words", /cannot be used/],
    ["\xff", /cannot be used|UTF-8/],
  ])("interpolation - a file with %j instead leaves the token as it was", async (text, told) => {
    const { token, replace } = await withTokenFile("${file:token}");
    replace(text);
    expect(await token.refresh()).toMatch(told);
    expect(token.reveal()).toBe(secret);
  });

  test("interpolation - a file that is gone is named, and the token stays", async () => {
    const { token, token_file } = await withTokenFile("${file:token}");
    rmSync(token_file);
    expect(await token.refresh()).toBe(`the file ${token_file} does not exist`);
    expect(token.reveal()).toBe(secret);
  });

  test("interpolation - what comes from elsewhere follows nothing", async () => {
    const { token } = await loadOutput(configWith("${env:S}"), { S: secret });
    expect(await token.refresh()).toBeUndefined();
    expect(token.generation).toBe(0);
  });
});

describe("references", () => {
  test("interpolation - takes a value from the environment", async () => {
    const output = await loadOutput(configWith("${env:TOKEN}"), { TOKEN: secret });
    expect(output.token.reveal()).toBe(secret);
  });

  test.each(["\n", "\r\n", "\n\n", ""])(
    "interpolation - takes a file's content without the line ends %j at its end",
    async (end) => {
      const file = join(temporaryDirectory(), "token");
      writeFileSync(file, secret + end);
      const output = await loadOutput(configWith(`\${file:${file}}`));
      expect(output.token.reveal()).toBe(secret);
    },
  );

  test("interpolation - a relative file is one in the configuration's folder", async () => {
    const file = writeConfiguration(configWith("${file:token}"));
    writeFileSync(join(dirname(file), "token"), secret);
    expect(splunkOutput(await loadConfig(file, {})).token.reveal()).toBe(secret);
  });

  test("interpolation - takes a credential from the directory that systemd names", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "hec_token"), `${secret}\n`);
    const environment = { CREDENTIALS_DIRECTORY: directory };
    const output = await loadOutput(configWith("${credential:hec_token}"), environment);
    expect(output.token.reveal()).toBe(secret);
  });

  test("interpolation - stands anywhere in a text, any number of times", async () => {
    const text = configWith("${env:A}-${env:B}-${env:A}");
    const output = await loadOutput(text, { A: "one", B: "two" });
    expect(output.token.reveal()).toBe("one-two-one");
  });

  test("interpolation - what is put in is not looked at again", async () => {
    const output = await loadOutput(configWith("${env:A}"), { A: "${env:B}", B: secret });
    expect(output.token.reveal()).toBe("${env:B}");
  });

  test("interpolation - $${ stands for ${ itself", async () => {
    const output = await loadOutput(configWith("$${env:A}"), { A: secret });
    expect(output.token.reveal()).toBe("${env:A}");
  });

  test("interpolation - keys and comments are left alone", async () => {
    const text = configWith(
      "abc",
      'chain:\n  - redact: { fields: ["a"] } # ${env:MISSING}\n    name: x\n',
    );
    await expect(load(text)).resolves.toBeDefined();
  });

  test.each(["true", "false"])(
    "interpolation - %s serves where a truth value is wanted, in options of steps, too",
    async (text) => {
      const more =
        "chain:\n  - redact: { fields: [p], ignore_case: '${env:I}' }\nlifecycle: { enabled: '${env:I}' }\n";
      const config = configWith("abc", more);
      expect((await load(config, { I: text })).lifecycle.enabled).toBe(text === "true");
      expect(await complaintsAbout(config, { I: text })).toEqual([]);
      expect(await complaintsAbout(config, { I: "yes" })).toEqual([
        "8:23 lifecycle.enabled: expected true or false, found a value that is not shown here",
        "7:41 chain[0].redact.ignore_case: expected true or false, found a value that is not shown here",
      ]);
    },
  );

  test("interpolation - text serves as a truth value or number among other types, and in lists of a step", async () => {
    const more = `chain: [{ p: { either: "\${env:I}", list: ["\${env:N}", 2] } }]\n`;
    const zod = import.meta.resolve("zod");
    const plugins = pluginsDirectory({
      "p.mjs": `import { z } from ${JSON.stringify(zod)};
        const options = z.strictObject({ either: z.union([z.boolean(), z.literal("auto")]), list: z.array(z.int()) });
        export default { name: "p", options, create({ either, list }) {
          if (either !== false || list[0] !== 7) throw new Error(JSON.stringify([either, list]));
          return (event) => event;
        } };`,
    });
    const config = configWith("abc", `${more}plugins_dir: ${plugins}\n`);
    const environment = { I: "false", N: "7" };
    expect(await complaintsAbout(config, environment)).toEqual([]);
  });

  test.each(["true", "false", "expected", "found", "list", "tok", "token", "file"])(
    "interpolation - a message keeps its own words where %s is put in",
    async (word) => {
      const chain =
        "chain: [{ redact: { fields: '${env:W}', ignore_case: [1] } }]\nlog: { level: '${env:W}' }\n";
      const told = await complaintsAbout(configWith("abc", chain), { W: word });
      expect(told).toEqual([
        '7:15 log.level: expected "debug" or "info" or "warn" or "error", found a value that is not shown here',
        expect.stringMatching(
          /^6:\d+ chain\[0\]\.redact\.fields: expected a list, found a value that is not shown here/,
        ),
        "6:54 chain[0].redact.ignore_case: expected true or false, found a list",
      ]);
    },
  );

  test("interpolation - what is put in as a type, a key's value or a step's option is in no message", async () => {
    const environment = { S: secret };
    for (const text of [
      configWith("abc").replace("url:", "type: ${env:S}\n  url:"),
      configWith("abc").replace("paths:", "type: '${env:S}', paths:"),
      configWith("abc", "chain: [{ redact: { fields: [a], on_unreadable: '${env:S}' } }]\n"),
      configWith("abc", "chain: [{ redact: { fields: '${env:S}' } }]\n"),
      configWith("abc", "chain: [{ redact: '${env:S}' }]\n"),
      configWith("abc", "chain: ['${env:S}']\n"),
      configWith("abc", "default_output: '${env:S}'\n"),
    ]) {
      const told = (await complaintsAbout(text, environment)).join("\n");
      expect(told, text).not.toBe("");
      expect(told, text).not.toContain(secret.slice(0, 8));
    }
  });

  test("interpolation - a short secret is no part of the words of a message", async () => {
    const file = writeConfiguration(configWith("tok"));
    chmodSync(file, 0o644);
    const warnings = await warningsFor(await loadConfig(file, {}), new Map());
    expect(warnings.map(({ message }) => message).join("\n")).toContain(
      "output.token: the token is in a file that every user can read",
    );
    // Where a message may quote what was put in, that alone is hidden.
    const broken = configWith("abc", "chain: [{ filter: { drop: '${env:W} ==' } }]\n");
    const [told] = await complaintsAbout(broken, { W: "end" });
    expect(told).toMatch(/this condition is wrong at character \d+: Unexpected token/);
  });

  test("interpolation - text that reads as a number serves where a number is wanted", async () => {
    const text = configWith("abc").replace("token: abc", "token: abc\n  max_in_flight: ${env:N}");
    expect((await loadOutput(text, { N: "7" })).max_in_flight).toBe(7);
    expect(await complaintsAbout(text, { N: "seven" })).toEqual([
      "6:18 output.max_in_flight: expected a number, found a value that is not shown here",
    ]);
  });

  test("interpolation - a token of digits stays text", async () => {
    const output = await loadOutput(configWith("${env:TOKEN}"), { TOKEN: "12345678" });
    expect(output.token.reveal()).toBe("12345678");
  });
});

describe("mistakes", () => {
  test.each([
    ["${env:TOKEN}", /the environment variable TOKEN is not set; set it where tallyman is started/],
    ["${env:EMPTY}", /the environment variable EMPTY is set, but empty/],
    ["${env:}", /expected the name of an environment variable/],
    ["${TOKEN}", /"\$\{TOKEN\}" does not say where from: write \$\{env:TOKEN\}/],
    [
      "s3_${api.bucket}",
      /"\$\{api\.bucket\}" is not understood: a value of the event is written \{api\.bucket\} in/,
    ],
    ["${evn:TOKEN}", /did you mean "env"\?/],
    ["${file:/nowhere/token}", /the file \/nowhere\/token does not exist/],
    ["${file:/dev/zero}", /the file \/dev\/zero is not a regular file/],
    ["${file:/}", /the file \/ is not a regular file/],
    ["${file:}", /expected the path of a file/],
    ["${credential:token}", /CREDENTIALS_DIRECTORY is not set; systemd sets it/],
    ["${credential:../token}", /expected the name of a credential/],
    ["${credential:..}", /expected the name of a credential/],
    ['"${env:TOKEN"', /a "\$\{" without its "\}"/],
  ])("interpolation - %s is complained about where it stands, once", async (url, message) => {
    const text = configWith("abc").replace("https://splunk:8088", () => url);
    const complaints = await complaintsAbout(text, { EMPTY: "" });
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toMatch(/^4:8 output\.url: /);
    expect(complaints[0]).toMatch(message);
  });

  test("interpolation - a file that is a pipe, too long, empty or not UTF-8 is refused", async () => {
    const directory = temporaryDirectory();
    execFileSync("mkfifo", [join(directory, "pipe")]);
    writeFileSync(join(directory, "long"), "x".repeat(65 * 1024));
    writeFileSync(join(directory, "empty"), "\n");
    writeFileSync(join(directory, "latin1"), Buffer.from([0x70, 0xe4, 0x73, 0x73]));
    const reasons = { pipe: "regular", long: "longer than 64KiB", empty: "empty", latin1: "UTF-8" };
    for (const [name, reason] of Object.entries(reasons)) {
      const [complaint] = await complaintsAbout(configWith(`\${file:${directory}/${name}}`));
      expect(complaint).toContain(reason);
    }
  });
});

describe("secrets", () => {
  const chain = `chain:\n  - redact: { fields: [a], with: "\${env:S}" }\n`;

  test("secrets - are not in the configuration as it prints", async () => {
    const config = await load(configWith("${env:S}", chain), { S: secret });
    const printed = [
      String(splunkOutput(config).token),
      JSON.stringify(config),
      inspect(config, { depth: 20, showHidden: true, getters: true }),
      inspect(config.output, { depth: 20, showHidden: true }),
      config.show(["chain", 0]),
      config.show([]),
      config.complain(["chain", 0, "redact", "with"], `cannot use ${secret}`).message,
      config.complain(["chain", 0], `cannot use ${JSON.stringify({ with: secret })}`).message,
    ];
    for (const text of printed) expect(text).not.toContain(secret);
    expect(config.chain[0]?.["redact"]).toEqual({ fields: ["a"], with: secret });
  });

  test("secrets - are not shown either where they stand in the file itself", async () => {
    const text = configWith(secret, `chain:\n  - sign: { hmac_key: ${secret} }\n`);
    const config = await load(text);
    expect(JSON.stringify(config)).not.toContain(secret);
    expect(config.show(["chain", 0])).toBe(`{"sign":{"hmac_key":"***"}}`);
    // What a plugin says of its options, or throws, may quote them.
    for (const path of [
      ["chain", 0, "sign", "hmac_key"],
      ["chain", 0, "sign"],
      ["chain", 0],
    ])
      expect(config.complain(path, `cannot use "${secret}"`).message).toContain('cannot use "***"');
  });

  test.each(["apiKey", "api_key", "db_pwd", "Authorization", "clientSecret"])(
    "secrets - what stands under %s is not shown either",
    async (key) => {
      const text = configWith(secret, `chain:\n  - sign: { ${key}: ${secret}, keep: me }\n`);
      const config = await load(text);
      expect(config.show(["chain", 0])).toBe(`{"sign":{"${key}":"***","keep":"me"}}`);
    },
  );

  test.each([
    ["as the URL", "url: https://splunk:8088", "url: ${env:S}"],
    ["as a word", "token: abc", "token: abc\n  mode: ${env:S}"],
    ["as a duration", "token: abc", "token: abc\n  timeout: ${env:S}"],
    ["as a number", "token: abc", "token: abc\n  max_in_flight: ${env:S}"],
    ["as a list", "paths: [/var/log/a.log]", "paths: '${env:S}'"],
    ["as a map", "a: { paths: [/var/log/a.log] }", "a: '${env:S}'"],
    ["as a glob", "paths: [/var/log/a.log]", "paths: ['/${env:S}/../x']"],
    ["as a time path", "paths: [/var/log/a.log]", "paths: [/a], time: ['${env:S}..']"],
    ["as a condition", "output:", 'chain: [{ filter: { drop: "${env:S} =" } }]\noutput:'],
    ["as a path", "output:", 'chain: [{ redact: { fields: ["${env:S}.."] } }]\noutput:'],
    [
      "as a plugin's word",
      "output:",
      'chain: [{ redact: { fields: [a], on_unreadable: "${env:S}" } }]\noutput:',
    ],
    [
      "as a step's name",
      "output:",
      'chain: [{ redact: { fields: [a] }, name: "${env:S}" }]\noutput:',
    ],
    ["with a blank", "token: abc", "token: ${env:S} x"],
    ["literally, before more text", "token: abc", `token: "${secret}" x`],
    ["literally, as a list", "token: abc", `token: [${secret}]`],
    ["literally, as a map", "token: abc", `token: { ${secret}: 1 }`],
    ["literally, after an anchor", "token: abc", `token: *${secret}`],
    ["literally, without the blank", "token: abc", `token:${secret}`],
    ["literally, without the blank in braces", "output:", `log: { level:${secret} }\noutput:`],
    ["literally, after a tag", "token: abc", `token: !${secret} x`],
    ["literally, without the blank on one line", "output:", `log: token:${secret}\noutput:`],
    ["literally, with an equals sign", "output:", `log: token=${secret}\noutput:`],
    ["literally, without the colon", "output:", `log: { token ${secret} }\noutput:`],
    ["literally, with an equals sign in braces", "output:", `log: { token=${secret} }\noutput:`],
    ["literally, behind a mistyped name", "output:", `log: { tokn ${secret} }\noutput:`],
    ["literally, in a URL that is no name", "output:", `log: "https://a:${secret}@b"\noutput:`],
  ])("secrets - are in no complaint when given %s", async (_how, before, after) => {
    const text = configWith("abc").replace(before, after);
    expect(text).toContain(after);
    const complaints = await complaintsAbout(text, { S: secret });
    expect(complaints).not.toEqual([]);
    expect(complaints.join("\n")).not.toContain(secret);
  });

  test.each(["a$S3CR3T_PASSWORD", "a${S3CR3T_PASSWORD}", "a${S3CR3T.PASSWORD}b"])(
    "secrets - what looks like a reference in one is in no complaint: %s",
    async (value) => {
      for (const text of [
        configWith(`"${value}"`),
        configWith(`abc\n  proxy: "http://joe:${value}@proxy"`),
        configWith("abc").replace("https://", `https://joe:${value}@`),
        configWith(`abc\n  pasword: "${value}"`),
      ]) {
        const complaints = await complaintsAbout(text);
        expect(complaints).not.toEqual([]);
        expect(complaints.join("\n")).not.toMatch(/S3CR3T|PASSWORD/);
      }
    },
  );

  test.each([
    ["proxy", `proxy: "ftp://joe:${secret}@proxy"`],
    ["proxy", `proxy: "http://joe:${secret}/x@proxy"`],
    ["proxy", `proxy: { url: ${secret} }`],
    ["passphrase", `tls: { key_passphrase: "${secret}" }`],
    ["passphrase", `tls: { key_file: /a, cert_file: /b, key_passphrase: ["${secret}"] }`],
  ])("secrets - are in no complaint about a %s: %s", async (_, line) => {
    const complaints = await complaintsAbout(configWith(`abc\n  ${line}`));
    expect(complaints).not.toEqual([]);
    expect(complaints.join("\n")).not.toContain(secret);
  });

  test("secrets - a proxy's address with its password is not shown", async () => {
    const config = await load(configWith(`abc\n  proxy: "http://joe:${secret}@proxy:3128"`));
    const shown = [
      config.show(["output", "proxy"]),
      JSON.stringify(config),
      inspect(config),
    ].join();
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain("joe");
  });

  test("secrets - a long one is not shown in part", async () => {
    const long = Array.from({ length: 40 }, (_, index) => `part${index}`).join(" ");
    const text = configWith("abc").replace("token: abc", "token: abc\n  mode: ${env:S}");
    expect((await complaintsAbout(text, { S: long })).join("\n")).not.toContain("part0");
  });

  test("secrets - the environment is read at the time of loading, and not kept", async () => {
    const file = writeConfiguration(configWith("${env:S}"));
    expect(splunkOutput((await readConfig(file, { S: "one" })).config!).token.reveal()).toBe("one");
    expect(splunkOutput((await readConfig(file, { S: "two" })).config!).token.reveal()).toBe("two");
  });
});
