/** What the first bytes of files say, and what is said where they cannot be read. */
import { createServer } from "node:net";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { describeUnfit, lookAtBeginnings } from "../../../../src/inputs/file/unfit-files.ts";
import { framings } from "../../../../src/inputs/framing/framings.ts";
import { eventually } from "../../../support/eventually.ts";
import { follow } from "../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const lines = framings.lines.framer({}, "file");

it("unfit files - of one kind are named once, with how many there are", async () => {
  const directory = temporaryDirectory();
  const texts = ['[{"a":1}]', "a line\n", '[{"b":2}]', '{\n  "c": 3\n}\n', "", '[{"d":4}]'];
  const files = texts.map((text, number) => {
    const path = join(directory, `${number}`);
    writeFileSync(path, text);
    return { path };
  });
  const { unfit, unread } = await lookAtBeginnings(files, lines);
  expect(unfit.map((each) => [describeUnfit(each), each.misfit.fitting])).toEqual([
    [
      `${files[0]!.path} begins like JSON that is not one record a line, as do 2 others`,
      '{ json: { records: "." } }',
    ],
    [`${files[3]!.path} begins like JSON that is not one record a line`, "json"],
  ]);
  expect(unread).toEqual([]);
});

it("unfit files - what cannot be read is named, what is gone is not, and no pipe or directory is waited for", async () => {
  const directory = temporaryDirectory();
  const socket = join(directory, "socket");
  const server = createServer().listen(socket);
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => void server.close());
  mkdirSync(join(directory, "directory"));
  const files = ["gone", "socket", "directory"].map((name) => ({ path: join(directory, name) }));
  expect(await lookAtBeginnings(files, lines)).toEqual({
    unfit: [],
    unread: [{ path: socket, error: "ENXIO" }],
  });
});

it.each([
  [{ octet_counted: {} }, '{"a":1}\n{"b":2}\n', "lines"],
  [{ json: { records: "Records" } }, '[{"a":1}]\n', '{ json: { records: "." } }'],
  [{ lines: {} }, '[{"a":1}]', '{ json: { records: "." } }'],
])(
  "unfit files - one that is followed is told with the framing that fits, once, %j",
  async (framing, text, fitting) => {
    const directory = temporaryDirectory();
    const paths = ["a", "b"].map((name) => join(directory, name));
    for (const path of paths) writeFileSync(path, text);
    const following = await follow({ paths, framing });
    await eventually(() => following.log.of("file_framing_unfit").length > 0);
    await following.stop();
    expect(following.log.of("file_framing_unfit").map(({ facts }) => facts["fitting"])).toEqual([
      fitting,
    ]);
  },
);
