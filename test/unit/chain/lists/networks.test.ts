/** Networks: what is one, and which addresses are in it, by Node's own list of networks. */
import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Networks } from "../../../../src/chain/lists/networks.ts";

function networks(...texts: string[]): Networks {
  const made = new Networks();
  for (const text of texts) expect(made.add(text), text).toBeUndefined();
  return made;
}

describe("networks", () => {
  test.each([
    ["10.0.0.0/8", "10.255.255.255", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["0.0.0.0/0", "255.255.255.255", true],
    ["0.0.0.0/0", "::1", false],
    ["::/0", "::1", true],
    ["::/0", "10.0.0.1", false],
    ["255.255.255.255/32", "255.255.255.255", true],
    ["192.168.1.7", "192.168.1.7", true],
    ["192.168.1.7", "192.168.1.8", false],
    ["fd00::/8", "fdff:ffff::1", true],
    ["2001:db8::/33", "2001:db8:8000::", false],
    ["2001:db8::1", "2001:0DB8:0:0:0:0:0:1", true],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["10.0.0.0/8", "::ffff:a01:203", true],
    ["::ffff:10.0.0.0/104", "10.1.2.3", true],
    ["fe80::/10", "fe80::1%eth0", true],
    // What is no address.
    ["0.0.0.0/0", "010.0.0.1", false],
    ["0.0.0.0/0", "10.0.0", false],
    ["0.0.0.0/0", "10.0.0.1 ", false],
    ["0.0.0.0/0", "10.0.0.1:443", false],
    ["0.0.0.0/0", "10.0.0.256", false],
    ["0.0.0.0/0", "", false],
    ["::/0", ":::", false],
    ["::/0", "1:2:3:4:5:6:7:8:9", false],
    ["::/0", "1:2:3:4:5:6:7::8", false],
    ["::/0", "::1%", false],
    ["::/0", "[::1]", false],
    ["::/0", "::12345", false],
  ])("networks - of %s, %s is one: %s", (network, address, expected) => {
    expect(networks(network).has(address)).toBe(expected);
  });

  test.each([
    ["10.0.0.1/8", "write 10.0.0.0/8"],
    ["172.16.5.9/12", "write 172.16.0.0/12"],
    ["10.0.0.1/0", "write 0.0.0.0/0"],
    ["fd00::1/8", "bits behind its prefix"],
    ["10.0.0.0/33", "from 0 to 32"],
    ["fd00::/129", "from 0 to 128"],
    ["::ffff:10.0.0.0/8", "from 96 to 128"],
    ["10.0.0.0/08", "from 0 to 32"],
    ["10.0.0.0/", "from 0 to 32"],
    ["10.0.0.0/8/8", "is no network"],
    ["10.0/8", "is no network"],
    ["fe80::%eth0/10", "is no network"],
    ["", "is no network"],
  ])("networks - %j is refused: %s", (text, message) => {
    expect(new Networks().add(text)).toContain(message);
  });

  test("networks - are those that Node's list has", () => {
    const bits = fc.constantFrom(0, 1, 7, 8, 9, 24, 31, 32);
    const v4 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const v6 = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
    const near = fc.integer({ min: 0, max: 8 });
    fc.assert(
      fc.property(v4, bits, near, v6, fc.integer({ min: 0, max: 128 }), (a, b, flip, c, d) => {
        const start4 = b === 0 ? 0 : (a >>> (32 - b)) * 2 ** (32 - b);
        const start6 = (c >> BigInt(128 - d)) << BigInt(128 - d);
        const made = networks(`${v4Text(start4)}/${b}`, `${v6Text(start6)}/${d}`);
        // In one list, Node takes ::/0 to have the IPv4 addresses in it.
        const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
        lists.ipv4.addSubnet(v4Text(start4), b, "ipv4");
        lists.ipv6.addSubnet(v6Text(start6), d, "ipv6");
        for (const address of [
          v4Text(a),
          v4Text((a ^ (1 << (flip * 4))) >>> 0),
          v6Text(c),
          v6Text(c ^ (1n << BigInt(flip * 16))),
        ]) {
          const family = isIP(address) === 4 ? "ipv4" : "ipv6";
          expect(made.has(address), address).toBe(lists[family].check(address, family));
        }
      }),
      { numRuns: 500 },
    );
  });
});

function v4Text(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
}

function v6Text(address: bigint): string {
  return Array.from({ length: 8 }, (_, group) =>
    ((address >> BigInt(112 - 16 * group)) & 0xffffn).toString(16),
  ).join(":");
}
