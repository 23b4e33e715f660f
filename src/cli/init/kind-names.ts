/** The names of the kinds of logs that `tallyman init` knows: apart from what is known of them, so that help is fast. */

export const kind_names = [
  "weka",
  "minio",
  "cloudtrail",
  "kubernetes",
  "auditd",
  "nginx",
  "file",
] as const;

export type KindName = (typeof kind_names)[number];
