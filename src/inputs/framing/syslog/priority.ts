/** The names of facilities and severities, by number (RFC 5424, section 6.2.1), as syslog(3) and rsyslog write them. */

export const facilities = [
  "kern",
  "user",
  "mail",
  "daemon",
  "auth",
  "syslog",
  "lpr",
  "news",
  "uucp",
  "cron",
  "authpriv",
  "ftp",
  "ntp",
  "audit",
  "alert",
  "clock",
  ...Array.from({ length: 8 }, (_, number) => `local${number}`),
] as const;

export const severities = [
  "emerg",
  "alert",
  "crit",
  "err",
  "warning",
  "notice",
  "info",
  "debug",
] as const;
