/** Where the admin listener may be, and where it is. */
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { adminSocketOf } from "../../../src/admin/options.ts";
import { complaintsAbout, load, writeConfiguration } from "../../support/configuration.ts";
import { readPlaces } from "../../../src/config/load.ts";

const rest = `
inputs: { a: { paths: [/var/log/a.log] } }
output: { url: "https://splunk:8088", token: abc }
`;

test("admin options - without any, there is a socket in the state directory and nothing on TCP", async () => {
  const config = await load(`state_dir: /var/lib/t${rest}`);
  expect(adminSocketOf(config)).toBe("/var/lib/t/admin.sock");
  expect(config.admin).toEqual({ mode: "0660" });
});

test("admin options - the socket can be elsewhere, below the configuration's folder, or nowhere", async () => {
  const own = await load(`admin: { socket: /run/t/a.sock }${rest}`);
  expect(adminSocketOf(own)).toBe("/run/t/a.sock");
  const file = writeConfiguration(`admin: { socket: a.sock }${rest}`);
  const places = await readPlaces(file, ["state_dir", "admin"]);
  expect(adminSocketOf(places)).toBe(join(dirname(file), "a.sock"));
  expect(adminSocketOf(await load(`admin: { socket: false }${rest}`))).toBeUndefined();
});

test.each(["127.0.0.1:9464", "127.8.9.10:1", "[::1]:9464"])(
  "admin options - %s is loopback",
  async (listen) => {
    expect((await load(`admin: { listen: "${listen}" }${rest}`)).admin.listen).toMatchObject({
      kind: "tcp",
    });
  },
);

test.each(["0.0.0.0:9464", ":9464", "10.0.0.1:9464", "[::]:9464", "localhost:9464"])(
  "admin options - %s is refused, with the reason",
  async (listen) => {
    expect(await complaintsAbout(`admin: { listen: "${listen}" }${rest}`)).toEqual([
      "1:18 admin.listen: expected a loopback address, such as 127.0.0.1:9464 or [::1]:9464: there is no authentication, so " +
        "only this machine may connect",
    ]);
  },
);

test.each([
  ["listen: 9464", "expected a loopback address and a port, such as 127.0.0.1:9464 or [::1]:9464"],
  [
    "listen: nowhere",
    "expected a loopback address and a port, such as 127.0.0.1:9464 or [::1]:9464",
  ],
  [`socket: /${"x".repeat(100)}`, "expected a path of at most 89 bytes"],
  ["mode: 0660", 'expected a mode in quotes, such as "0660"'],
])("admin options - %s is a mistake", async (option, message) => {
  const [complaint] = await complaintsAbout(`admin: { ${option} }${rest}`);
  expect(complaint).toContain(message);
});

test("admin options - a command reads them where the secrets are not, and says what is mistaken", async () => {
  const missing = rest.replace("abc", '"${env:NOT_SET_HERE}"');
  const file = writeConfiguration(`admin: { socket: /run/a.sock }${missing}`);
  expect((await readPlaces(file, ["admin"])).admin.socket).toBe("/run/a.sock");
  const mistaken = writeConfiguration(`admin: { sockt: /run/a.sock }${missing}`);
  await expect(readPlaces(mistaken, ["admin"])).rejects.toMatchObject({ code: "config_invalid" });
});
