/**
 * Networks in CIDR notation (RFC 4632, RFC 4291), and whether an address is in one of them.
 *
 * An IPv4-mapped address (`::ffff:10.0.0.1`), as servers on dual-stack sockets log it, is the IPv4 address in it.
 */

/** The longest spelling of an IPv6 address; a longer text is none, unless it names a zone. */
const address_length_max = 45 + 16;
const mapped_prefix = 0xffffn;

/** An address as a number, of 32 bits where it is one of IPv4, of 128 else. */
type Address = number | bigint;

/** Networks of one length of prefix: what is left of their addresses without the other bits. */
interface Group<Bits> {
  readonly shift: Bits;
  readonly starts: Set<Bits>;
}

export class Networks {
  readonly #v4: Group<number>[] = [];
  readonly #v6: Group<bigint>[] = [];

  /** Adds a network, or one address. Gives what is wrong with the text; undefined for nothing. */
  add(text: string): string | undefined {
    const [written = "", prefix, more] = text.split("/");
    const address = parseAddress(written);
    if (address === undefined || more !== undefined || written.includes("%")) {
      return `${JSON.stringify(text)} is no network; write it as 10.0.0.0/8 or fd00::/8`;
    }
    const is_v4_text = !written.includes(":");
    const bits = is_v4_text ? 32 : 128;
    const length = prefix === undefined ? bits : prefixLength(prefix, bits);
    if (length === undefined) {
      return `${JSON.stringify(text)} is no network: behind the / is a number from 0 to ${bits}`;
    }
    // The IPv4 addresses in IPv6's own notation: ::ffff:10.0.0.0/104 is 10.0.0.0/8.
    const is_mapped = typeof address === "number" && !is_v4_text;
    if (is_mapped && length < 96) {
      return `${JSON.stringify(text)} is no network: behind the / of an IPv4-mapped one is a number from 96 to 128`;
    }
    const rest = is_mapped ? length - 96 : length;
    const mistake =
      typeof address === "number"
        ? addTo(this.#v4, 32 - rest, address, shifted4)
        : addTo(this.#v6, BigInt(128 - rest), address, shifted6);
    if (!mistake) return undefined;
    const start = is_mapped || !is_v4_text ? `${written}/${bits}` : networkText(address, rest);
    return `${JSON.stringify(text)} has bits behind its prefix; write ${start}, or a longer prefix`;
  }

  /** Whether the text is an address in one of the networks. False for one that is no address. */
  has(text: string): boolean {
    const address = parseAddress(text);
    if (address === undefined) return false;
    if (typeof address === "number") {
      for (const { shift, starts } of this.#v4) {
        if (starts.has(shifted4(address, shift))) return true;
      }
      return false;
    }
    for (const { shift, starts } of this.#v6) if (starts.has(address >> shift)) return true;
    return false;
  }
}

/** True where the address has bits that the prefix does not cover. */
function addTo<Bits extends Address>(
  groups: Group<Bits>[],
  shift: Bits,
  address: Bits,
  shifted: (address: Bits, shift: Bits) => Bits,
): boolean {
  let group = groups.find((each) => each.shift === shift);
  if (group === undefined) groups.push((group = { shift, starts: new Set() }));
  const start = shifted(address, shift);
  group.starts.add(start);
  return hasRest(address, shift);
}

function hasRest(address: Address, shift: Address): boolean {
  return BigInt.asUintN(Number(shift), BigInt(address)) !== 0n;
}

/** JavaScript shifts by the count's last five bits. */
function shifted4(address: number, shift: number): number {
  return shift === 32 ? 0 : address >>> shift;
}

function shifted6(address: bigint, shift: bigint): bigint {
  return address >> shift;
}

function networkText(address: Address, length: number): string {
  const start = shifted4(Number(address), 32 - length) * 2 ** (32 - length);
  const bytes = [24, 16, 8, 0].map((bits) => (start >>> bits) & 0xff);
  return `${bytes.join(".")}/${length}`;
}

function prefixLength(text: string, bits: number): number | undefined {
  if (!/^(?:0|[1-9]\d{0,2})$/.test(text)) return undefined;
  const length = Number(text);
  return length <= bits ? length : undefined;
}

/** The address; undefined for a text that is none. */
function parseAddress(text: string): Address | undefined {
  if (text.length > address_length_max) return undefined;
  if (!text.includes(":")) return parseV4(text, 0);
  const address = parseV6(text);
  if (address === undefined || address >> 32n !== mapped_prefix) return address;
  return Number(BigInt.asUintN(32, address));
}

/** Four numbers from `start` to the end, without leading zeros: some programs take those for octal. */
function parseV4(text: string, start: number): number | undefined {
  let address = 0;
  let parts = 0;
  let at = start;
  for (;;) {
    let value = 0;
    const begin = at;
    for (; at < text.length; at += 1) {
      const digit = text.charCodeAt(at) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const digits = at - begin;
    if (digits === 0 || digits > 3 || value > 255) return undefined;
    if (digits > 1 && text.charCodeAt(begin) === 0x30) return undefined;
    address = address * 256 + value;
    parts += 1;
    if (parts === 4) return at === text.length ? address : undefined;
    if (text.charCodeAt(at) !== 0x2e) return undefined;
    at += 1;
  }
}

/** Up to eight groups, of which a `::` stands for those that are missing, and perhaps a zone (`fe80::1%eth0`). */
function parseV6(text: string): bigint | undefined {
  const zone = text.indexOf("%");
  if (zone === text.length - 1) return undefined;
  const [head = "", tail, more] = (zone < 0 ? text : text.slice(0, zone)).split("::");
  if (more !== undefined) return undefined;
  const before = groupsOf(head, tail === undefined);
  const behind = tail === undefined ? [] : groupsOf(tail, true);
  if (before === undefined || behind === undefined) return undefined;
  const missing = 8 - before.length - behind.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const zeros = Array.from({ length: missing }, () => 0);
  return [...before, ...zeros, ...behind].reduce(
    (address, group) => (address << 16n) | BigInt(group),
    0n,
  );
}

/** Groups of 16 bits; the last one may be an IPv4 address, which is two. */
function groupsOf(text: string, is_end: boolean): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [number, part] of parts.entries()) {
    if (is_end && number === parts.length - 1 && part.includes(".")) {
      const address = parseV4(part, 0);
      if (address === undefined) return undefined;
      groups.push(address >>> 16, address & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}
