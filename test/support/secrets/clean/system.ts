/** Clean lines of a Linux machine: what sshd, sudo, cron and others write to syslog and to the journal, and records of auditd. */
import type { RandomSource } from "../../random/random-source.ts";
import {
  address,
  base64,
  clockTime,
  hex,
  host,
  type Make,
  pid,
  port,
  time,
  user,
} from "./parts.ts";

function fromPort(random: RandomSource): string {
  return `from ${address(random)} port ${port(random)}`;
}

function sshd(random: RandomSource): string {
  const [who, from] = [user(random), fromPort(random)];
  return random.one([
    `Accepted password for ${who} ${from} ssh2`,
    `Accepted publickey for ${who} ${from} ssh2: ED25519 SHA256:${base64(random, 32).replace("=", "")}`,
    `Accepted keyboard-interactive/pam for ${who} ${from} ssh2`,
    `Failed password for ${who} ${from} ssh2`,
    `Failed password for invalid user ${who} ${from} ssh2`,
    `message repeated ${random.between(2, 5)} times: [ Failed password for ${who} ${from} ssh2]`,
    `Failed none for invalid user ${who} ${from} ssh2`,
    `Postponed keyboard-interactive for ${who} ${from} ssh2 [preauth]`,
    `Invalid user ${who} ${from}`,
    `Connection closed by authenticating user ${who} ${address(random)} port ${port(random)} [preauth]`,
    `Received disconnect ${from}:11: Bye Bye [preauth]`,
    `error: maximum authentication attempts exceeded for ${who} ${from} ssh2 [preauth]`,
    `error: PAM: Authentication failure for ${who} from ${address(random)}`,
    `pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${address(random)}  user=${who}`,
    `pam_unix(sshd:auth): check pass; user unknown`,
    `pam_unix(sshd:session): session opened for user ${who}(uid=1000) by (uid=0)`,
    `pam_unix(sshd:account): expired password for user ${who} (password aged)`,
    `User child is on pid ${pid(random)}`,
    `userauth_pubkey: signature algorithm ssh-rsa not in PubkeyAcceptedAlgorithms [preauth]`,
  ]);
}

function sudo(random: RandomSource): string {
  const who = user(random);
  const where = `TTY=${random.one(["pts/0", "pts/12", "unknown"])} ; PWD=${random.one(["/", "/root", `/home/${who}`, `/srv/app-${hex(random, 6)}`])} ; USER=${user(random)} ;${random.one(["", " GROUP=adm ;"])} COMMAND=`;
  const command = random.one([
    "/usr/bin/systemctl restart nginx",
    "/usr/bin/passwd --status ann",
    "/usr/bin/cat /etc/shadow",
    "/usr/bin/docker run -u 1000:1000 web",
    "list",
  ]);
  return random.one([
    `${who} : ${where}${command}`,
    `${who} : ${random.between(1, 3)} incorrect password attempt${random.one(["", "s"])} ; ${where}${command}`,
    `${who} : a password is required ; ${where}${command}`,
    `${who} : command not allowed ; ${where}${command}`,
    `pam_unix(sudo:auth): auth could not identify password for [${who}]`,
    `pam_unix(sudo:auth): conversation failed`,
    `pam_unix(sudo:session): session opened for user root(uid=0) by ${who}(uid=1000)`,
  ]);
}

function accounts(random: RandomSource): [program: string, message: string] {
  const who = user(random);
  return random.one<[string, string]>([
    ["passwd", `pam_unix(passwd:chauthtok): password changed for ${who}`],
    ["passwd", `password for '${who}' changed by 'root'`],
    ["usermod", `change user '${who}' password`],
    ["chage", `changed password expiry for ${who}`],
    ["unix_chkpwd", `password check failed for user (${who})`],
    ["useradd", `new user: name=${who}, UID=1001, GID=1001, home=/home/${who}, shell=/bin/bash`],
    ["su", `(to root) ${who} on pts/0`],
    ["su", `FAILED SU (to root) ${who} on pts/3`],
    ["sssd_be", `Backend is offline`],
  ]);
}

function cron(random: RandomSource): string {
  const who = user(random);
  return random.one([
    `(root) CMD (test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; })`,
    `(${who}) CMD (/usr/local/bin/rotate-tokens.sh > /dev/null 2>&1)`,
    `(${who}) CMD (/opt/backup/run --config /etc/backup.conf)`,
    `pam_unix(cron:session): session opened for user ${who}(uid=0) by (uid=0)`,
    `pam_unix(cron:session): session closed for user ${who}`,
    `(${who}) RELOAD (crontabs/${who})`,
  ]);
}

function systemd(random: RandomSource): string {
  return random.one([
    "Started Session 12 of User ann.",
    "Started Dispatch Password Requests to Console Directory Watch.",
    "Started Forward Password Requests to Wall Directory Watch.",
    "Started systemd-ask-password-wall.path - Forward Password Requests to Wall Directory Watch.",
    "systemd-ask-password-console.path - Dispatch Password Requests to Console Directory Watch was skipped because of an unmet condition check (ConditionPathExists=!/run/plymouth/pid).",
    "Starting systemd-tmpfiles-clean.service - Cleanup of Temporary Directories...",
    "logrotate.service: Deactivated successfully.",
    `run-docker-runtime\\x2drunc-moby-${hex(random, 64)}.mount: Deactivated successfully.`,
  ]);
}

/** What a program of the system writes, and which one. */
function systemMessage(random: RandomSource): [program: string, message: string] {
  return random.one<() => [string, string]>([
    () => ["sshd", sshd(random)],
    () => ["sudo", sudo(random)],
    () => ["CRON", cron(random)],
    () => ["systemd", systemd(random)],
    () => accounts(random),
  ])();
}

/** Lines of RFC 3164 and RFC 5424, as files and sockets have them. */
export const syslog: Make = (random) => {
  const [program, message] = systemMessage(random);
  return random.one([
    `Mar ${random.between(1, 28)} ${clockTime(random)} ${host(random)} ${program}[${pid(random)}]: ${message}`,
    `<86>Mar 21 ${clockTime(random)} ${host(random)} ${program}: ${message}`,
    `<86>1 ${time(random, 6)} ${host(random)} ${program} ${pid(random)} - - ${message}`,
    `${time(random, 6)} ${host(random)} ${program}[${pid(random)}]: ${message}`,
  ]);
};

/** Entries of the journal as JSON, and their messages alone. */
export const journald: Make = (random) => {
  const [program, message] = systemMessage(random);
  if (random.chance(0.5)) return message;
  return JSON.stringify({
    __CURSOR: `s=${hex(random, 32)};i=${hex(random, 5)};b=${hex(random, 32)};m=${hex(random, 9)};t=${hex(random, 13)};x=${hex(random, 16)}`,
    __REALTIME_TIMESTAMP: `1742539${random.between(1e8, 9e8)}`,
    _BOOT_ID: hex(random, 32),
    _MACHINE_ID: hex(random, 32),
    _HOSTNAME: host(random),
    PRIORITY: String(random.between(2, 7)),
    SYSLOG_IDENTIFIER: program,
    _PID: String(pid(random)),
    _COMM: program,
    _EXE: `/usr/bin/${program}`,
    _CMDLINE: program === "sshd" ? "sshd: ann [priv]" : `/usr/bin/${program}`,
    _SYSTEMD_UNIT: random.one(["sshd.service", "cron.service", "session-12.scope"]),
    _TRANSPORT: "syslog",
    MESSAGE: message,
  });
};

/** The programs of the audit record SYSCALL, whose names may be those of secrets. */
const programs = [
  ["cat", "/usr/bin/cat"],
  ["passwd", "/usr/bin/passwd"],
  ["sshd", "/usr/sbin/sshd"],
  ["vim", "/usr/bin/vim"],
  ["chpasswd", "/usr/sbin/chpasswd"],
] as const;

function syscall(random: RandomSource): string {
  const [command, path] = random.one(programs);
  const key = random.one([
    '"passwd"',
    '"passwd_changes"',
    '"passwd-access"',
    '"identity"',
    "(null)",
  ]);
  const names = `${String.fromCharCode(0x1d)}ARCH=x86_64 SYSCALL=openat AUID="ann" UID="root"`;
  return `arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=${hex(random, 12)} a2=80000 a3=0 items=1 ppid=${pid(random)} pid=${pid(random)} auid=1000 uid=0 gid=0 euid=0 tty=pts0 ses=3 comm="${command}" exe="${path}" ${random.one(["", "subj=unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023 "])}key=${key}${random.one(["", names])}`;
}

/** Records of the Linux audit system, one of each line. */
export const auditd: Make = (random) => {
  const stamp = `msg=audit(${random.between(17e8, 18e8)}.${random.between(100, 999)}:${random.between(1, 9e6)}):`;
  const where = `hostname=${host(random)} addr=${address(random)} terminal=${random.one(["ssh", "pts/0", "?"])} res=${random.one(["success", "failed"])}'`;
  const who = user(random);
  const record = random.one([
    () => `SYSCALL ${stamp} ${syscall(random)}`,
    () =>
      `PATH ${stamp} item=0 name="/etc/${random.one(["passwd", "shadow", "ssh/sshd_config", "passwd-"])}" inode=${random.between(1, 1e7)} dev=fd:00 mode=0100644 ouid=0 nametype=NORMAL`,
    () => `CWD ${stamp} cwd="/home/${who}"`,
    () =>
      `PROCTITLE ${stamp} proctitle=${Buffer.from("cat\0/etc/shadow").toString("hex").toUpperCase()}`,
    () => `PROCTITLE ${stamp} proctitle="passwd"`,
    () => `EXECVE ${stamp} argc=4 a0="curl" a1="-u" a2="1000:1000" a3="https://example.com/a@b"`,
    () =>
      `EXECVE ${stamp} argc=3 a0="${random.one(["passwd", "/usr/bin/passwd"])}" a1="${random.one(["--status", "-S", "-l", "--unlock"])}" a2="${who}"`,
    () => `EXECVE ${stamp} argc=2 a0="cat" a1="/etc/passwd"`,
    () => `EXECVE ${stamp} argc=3 a0="grep" a1="${who}" a2="/etc/passwd"`,
    () => `EXECVE ${stamp} argc=3 a0="ls" a1="-l" a2="/home/${who}/tokens"`,
    () =>
      `USER_CMD ${stamp} pid=${pid(random)} uid=0 auid=1000 ses=3 msg='cwd="/home/${who}" cmd=6C73202D6C exe="/usr/bin/sudo" terminal=pts/0 res=success'`,
    () =>
      `USER_CMD ${stamp} pid=${pid(random)} uid=0 auid=1000 ses=3 msg='cwd="/" cmd="passwd" exe="/usr/bin/sudo" terminal=pts/0 res=success'`,
    () =>
      `USER_AUTH ${stamp} pid=${pid(random)} uid=0 msg='op=PAM:authentication grantors=pam_unix acct="${who}" exe="/usr/sbin/sshd" ${where}`,
    () =>
      `USER_CHAUTHTOK ${stamp} pid=${pid(random)} uid=0 msg='op=PAM:chauthtok grantors=pam_unix acct="${who}" exe="/usr/bin/passwd" ${where}`,
    () =>
      `USER_CHAUTHTOK ${stamp} pid=${pid(random)} uid=0 msg='op=${random.one(["changing password", "change password", "updating password"])} id=${random.between(1000, 60_000)} exe="/usr/sbin/usermod" ${where}`,
    () =>
      `CRYPTO_KEY_USER ${stamp} pid=${pid(random)} msg='op=destroy kind=server fp=SHA256:${hex(random, 64).replaceAll(/..(?=.)/g, "$&:")} direction=? spid=1 suid=0 exe="/usr/sbin/sshd" res=success'`,
    () =>
      `SERVICE_START ${stamp} pid=1 uid=0 msg='unit=systemd-ask-password-wall comm="systemd" exe="/usr/lib/systemd/systemd" ${where}`,
  ])();
  return `${random.one(["", `node=${host(random)} `])}type=${record}`;
};
