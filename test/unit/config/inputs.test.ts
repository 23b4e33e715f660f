/** Inputs of several types: their defaults, and mistakes told in the words of the type that was meant. */
import { describe, expect, test } from "vitest";
import { complaintsAbout, load } from "../../support/configuration.ts";

const output = `output: { url: "https://splunk:8088", token: abc }\n`;

async function complaints(input: string): Promise<string[]> {
  return complaintsAbout(`inputs:\n  a: ${input}\n${output}`);
}

describe("types", () => {
  test("inputs - one without a type follows files, and has no journal", async () => {
    const { inputs } = await load(`inputs: { a: { paths: [/a] } }\n${output}`);
    expect(inputs["a"]).toMatchObject({ type: "file" });
    expect(inputs["a"]).not.toHaveProperty("journal");
  });

  test.each([
    ["socket", "path: /run/a.sock"],
    ["hec", "listen: 127.0.0.1:8088, tokens: [abc]"],
    ["stdin", "max_event_bytes: 2MiB"],
  ])("inputs - a %s has a journal, whose defaults lose nothing", async (type, options) => {
    const { inputs } = await load(`inputs: { a: { type: ${type}, ${options} } }\n${output}`);
    expect(inputs["a"]).toMatchObject({
      type,
      when_full: "block",
      journal: { max_bytes: 1024 ** 3, sync: "always" },
    });
  });

  test("inputs - the journal's sync may be a duration", async () => {
    const options = "type: stdin, journal: { sync: 2s, max_bytes: 1MiB }, when_full: drop_oldest";
    const { inputs } = await load(`inputs: { a: { ${options} } }\n${output}`);
    expect(inputs["a"]).toMatchObject({
      when_full: "drop_oldest",
      journal: { max_bytes: 1024 ** 2, sync: 2000 },
    });
  });
});

describe("mistakes", () => {
  test("inputs - a mistyped type is told with those that there are", async () => {
    expect(await complaints("{ type: sokcet, path: /a }")).toEqual([
      '2:14 inputs.a.type: expected "file" or "socket" or "hec" or "stdin" or "nats", found "sokcet"; did you mean "socket"?',
    ]);
  });

  test("inputs - a mistyped option is compared with those of its type only", async () => {
    const [complaint] = await complaints("{ type: socket, path: /a, max_conections: 3 }");
    expect(complaint).toContain('did you mean "max_connections"?');
    const [other] = await complaints("{ type: socket, path: /a, paths: [/b] }");
    expect(other).toContain("inputs.a.paths: unknown option");
    expect(other).not.toContain("rotate_wait");
  });

  test("inputs - a socket for datagrams is refused with options for connections", async () => {
    const datagram = "type: socket, mode: datagram, path: /a";
    expect(await complaints(`{ ${datagram} }`)).toEqual([]);
    expect(await complaints(`{ ${datagram}, framing: lines, confirm: false }`)).toEqual([]);
    expect(await complaints(`{ ${datagram}, framing: json }`)).toEqual([
      "2:57 inputs.a.framing: is not for mode: datagram; one datagram is one event, of which syslog or a prefix of lines can be taken off",
    ]);
    expect(await complaints(`{ ${datagram}, framing: syslog }`)).toEqual([]);
    const prefix = '{ lines: { prefix: "@cee:" } }';
    expect(await complaints(`{ ${datagram}, framing: ${prefix} }`)).toEqual([]);
    expect(await complaints(`{ ${datagram}, framing: jsn }`)).toHaveLength(1);
    expect(await complaints(`{ ${datagram}, confirm: true, max_connections: 3 }`)).toEqual([
      expect.stringContaining("inputs.a.confirm: is not for mode: datagram"),
      expect.stringContaining("inputs.a.max_connections: is not for mode: datagram"),
    ]);
    expect(await complaints(`{ ${datagram}, owner: root, group: adm }`)).toEqual([
      expect.stringContaining("SocketUser="),
      expect.stringContaining("SocketGroup="),
    ]);
  });

  test("inputs - the mode of a socket is a kind or permissions", async () => {
    expect(await complaints("{ type: socket, mode: stream, path: /a }")).toEqual([]);
    expect(await complaints("{ type: socket, mode: datagrams, path: /a }")).toEqual([
      expect.stringContaining("inputs.a.mode: expected datagram, stream, or a mode"),
    ]);
    expect(await complaints("{ type: socket, mode: rw-, path: /a }")).toEqual([
      expect.stringContaining('such as "0660"'),
    ]);
  });

  test("inputs - what a type needs is told", async () => {
    expect(await complaints("{ type: socket }")).toEqual([
      expect.stringContaining("inputs.a.path: is missing. Where to listen."),
    ]);
    expect(await complaints("{ type: hec }")).toEqual([
      expect.stringContaining("inputs.a.listen: is missing."),
      expect.stringContaining("inputs.a.tokens: is missing."),
    ]);
  });

  test("inputs - no input may have the name that tallyman's own events are booked under", async () => {
    const told = await complaintsAbout(`inputs: { tallyman: { paths: [/a] } }\n${output}`);
    expect(told).toEqual([expect.stringContaining("reserved for tallyman's own events")]);
  });

  test("inputs - a receiver's token is not shown", async () => {
    const told = await complaints(`{ type: hec, listen: x, tokens: ["a secret of mine"] }`);
    expect(told).toHaveLength(2);
    expect(told.join("\n")).not.toContain("secret of mine");
  });
});
