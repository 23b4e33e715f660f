/**
 * The beginning of a line of auditd, which says to which event the line belongs.
 *
 *     node=db-1 type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=2 ...
 */

export interface AuditLine {
  readonly type: string;
  /** The machine that it is of; undefined where the line does not say. */
  readonly node: string | undefined;
  /** Epoch seconds as written. */
  readonly time: string;
  readonly serial: number;
  /** The same for all lines of one event. */
  readonly event: string;
}

/** Bytes in which all of it must be. */
const head_bytes_max = 512;
const letter_n = 0x6e;
const letter_t = 0x74;
const pattern =
  /^(?:node=(?<node>[^ ]{1,255}) )?type=(?<type>[A-Z][A-Z0-9_]{0,63}(?:\[\d{1,10}\])?) msg=audit\((?<time>\d{1,10}\.\d{3}):(?<serial>\d{1,15})\):/;

/** What `bytes[start, end)` begins with; undefined where that is not what auditd writes. */
export function auditLineAt(bytes: Buffer, start: number, end: number): AuditLine | undefined {
  const first = bytes[start];
  if (first !== letter_n && first !== letter_t) return undefined;
  const head = bytes.toString("latin1", start, Math.min(end, start + head_bytes_max));
  const groups = pattern.exec(head)?.groups;
  if (groups === undefined) return undefined;
  const { node, type, time, serial } = groups;
  const event = `${node ?? ""} ${time}:${serial}`;
  return { type: type!, node, time: time!, serial: Number(serial), event };
}

/** Says that all lines of an event were there. The kernel sends it, and auditd does not write it to its file. */
export function isEnd({ type }: AuditLine): boolean {
  return type === "EOE";
}

/** The last line of an event but for its end. */
export function isLast({ type }: AuditLine): boolean {
  return type === "PROCTITLE";
}

/**
 * Types of messages that programs send to the kernel, each with a serial number of its own (linux/audit.h: 1100 to 1299, and
 * libaudit.h: 2400 to 2599).
 */
const from_programs =
  /^(?:(?:USER|CRED|GRP|ACCT|DAEMON|SERVICE|VIRT)_|(?:ADD|DEL)_(?:USER|GROUP)$|CH(?:GRP|USER)_ID$|SYSTEM_(?:BOOT|SHUTDOWN|RUNLEVEL)$|USYS_CONFIG$|SOFTWARE_UPDATE$|CRYPTO_(?:SESSION|KEY_USER|LOGIN|LOGOUT)$)/;

/** Whether the line is an event by itself. */
export function isWhole({ type }: AuditLine): boolean {
  return from_programs.test(type);
}

/** How far apart lines of one event may be. More is in other events meanwhile than one machine interleaves. */
const seconds_max = 2;
const serials_max = 64;

/** Whether the line shows that nothing more comes of the event that `of` is a line of. */
export function isBehind(line: AuditLine, of: AuditLine): boolean {
  if (line.node !== of.node) return false;
  return (
    Number(line.time) >= Number(of.time) + seconds_max || line.serial >= of.serial + serials_max
  );
}
