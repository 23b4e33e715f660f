/** What programs write about the accounts of a machine: sshd, sudo, PAM, shadow-utils, systemd and auditd. */
import { field, ip_address, type KnownForm, line_end, whole } from "./form.ts";

const user = String.raw`[^\s'"()[\]]{1,64}`;
const directory = String.raw`/[^;\s]{0,255}`;
const tty = String.raw`tty=[\w/?.-]{1,32} ; `;
/** The header that syslog puts before what the program passwd writes, in RFC 3164 and RFC 5424. */
const program_passwd = String.raw`(?:\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:z|[+-]\d\d:?\d\d)? [\w.:-]{1,255} passwd)`;

/** What they write to syslog and to the journal. */
export const accounts: readonly KnownForm[] = [
  whole(
    String.raw`(?<=\b(?:accepted|failed) password) for (?:invalid user )?\S{0,64} from ${ip_address} port \d{1,5}(?: ssh2)?`,
  ),
  whole(String.raw`(?<=: expired password) for user ${user} \(password aged\)`),
  whole(String.raw`(?<=: expired password for user ${user} \(password) aged\)`),
  whole(String.raw`(?<=auth could not identify password) for \[[^\]\s]{1,64}\]`),
  whole(String.raw`(?<= : \d{1,3} incorrect password) attempts? ; (?=(?:${tty})?pwd=/)`),
  whole(String.raw`(?<= : a password) is required ; (?=(?:${tty})?pwd=/)`),
  // The working directory of sudo, which writes its fields in this order.
  whole(
    String.raw`(?<= (?::|;) (?:${tty})?pwd)=${directory} ; user=${user} ; (?:group=${user} ; )?(?:[a-z]{3,8}=[^;\n]{1,255} ; )?command=`,
  ),
  field(String.raw`(?<=\bpam_\w{1,32}\(passwd):(?:auth|account|session|chauthtok)\): `),
  whole(String.raw`(?<=\(passwd:chauthtok\): password) changed for ${user}${line_end}`),
  field(String.raw`(?<=${program_passwd})(?:\[\d{1,10}\])?: (?=pam_\w{1,32}\(|password for ')`),
  field(String.raw`(?<=${program_passwd}) (?:\d{1,10}|-) - - (?=pam_\w{1,32}\(|password for ')`),
  whole(String.raw`(?<=\bpassword) for '${user}' changed by '${user}'${line_end}`),
  whole(String.raw`(?<=\bchanged password) expiry for ${user}${line_end}`),
  whole(String.raw`(?<=\bpassword) check failed for user \(${user}\)${line_end}`),
  whole(
    String.raw`(?<=(?:^|[\s/=])passwd) --(?:status|lock|unlock|expire|delete)(?: [a-z_][\w.-]{0,31})?${line_end}`,
  ),
  whole(
    String.raw`(?<=\b(?:dispatch|forward) password) requests to (?:console|plymouth|wall) directory watch(?: was skipped because of an unmet condition check \([\w|!=/.-]{1,128}\))?\.?${line_end}`,
  ),
  whole(
    String.raw`(?<=userauth_pubkey: signature) algorithm [\w@.-]{1,64} not in pubkeyaccepted(?:algorithms|keytypes)`,
  ),
];

const path = String.raw`/[^"\s]{0,255}`;
/** Where a record of auditd ends: in an event of several, another one follows. */
const record_end = String.raw`(?=\x1d|[ \r]?$|\r?\n(?:node=\S{1,255} )?type=)`;

/** Fields of records of auditd that name the program passwd or its file. */
export const audit_records: readonly KnownForm[] = [
  field(String.raw`(?<= (?:comm|cmd)="[\w.-]{0,16}passwd)" exe="/`),
  field(
    String.raw`(?<= exe="${path}passwd)"(?=(?: (?:hostname|key|subj|terminal|res|sig)=|')|${record_end})`,
  ),
  field(String.raw`(?<= name="${path}passwd)-?" (?=inode=|nametype=)`),
  field(String.raw`(?<= (?:key|proctitle)="(?:${path}/)?passwd)"${record_end}`),
  // A word of a command, which is no option, and no name.
  field(String.raw`(?<= a[1-9]\d{0,3}="/etc/passwd)"(?= a\d{1,4}="|${record_end})`),
  field(
    String.raw`(?<= a0="(?:/bin/|/usr/bin/)?passwd)" a1="-(?:-status|s|-lock|l|-unlock|u|-expire|e|-delete|d)"(?: a2="[a-z_][\w.-]{0,31}")?${record_end}`,
  ),
  whole(
    String.raw`(?<= msg='op=(?:change|changing|update|updating|delete|deleting)[ -]password) id=\d{1,10}(?= exe="/)`,
  ),
];
