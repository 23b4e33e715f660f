/**
 * What can be wrong on this machine: configuration, inputs and state.
 */
import { failed, warning } from "./cause-entry.ts";

export const configuration_causes = {
  config_unreadable: failed(
    "The configuration file cannot be read.",
    "Check the path given with -c, and the owner and mode of the file.",
  ),
  config_invalid: failed(
    "The configuration has errors, or refers to a secret that does not exist.",
    "Correct the line named; `tallyman check -c FILE` explains what the configuration means.",
  ),
  config_doubtful: warning(
    "Something in the configuration is probably not intended.",
    "See the line named; `tallyman check -c FILE` explains what the configuration means.",
  ),
  plugin_refused: failed(
    "A plugin file cannot be used.",
    "Correct the file named, or remove it from `plugins_dir`.",
  ),
  runs_as_root: warning(
    "The checks run as root, who may read and write everything: permission problems of tallyman's user do not show.",
    "Name the user that tallyman runs as: `tallyman doctor -c FILE --user NAME`.",
  ),
  check_hangs: failed(
    "The file system does not answer in time, such as a network file system whose server is down.",
    "Check whether `ls` on the path hangs, too, and repair or unmount that file system.",
  ),
} as const;

export const input_causes = {
  directory_missing: warning(
    "A directory of files to follow does not exist.",
    "Correct `paths`, or create the directory; tallyman waits for it and follows its files once they exist.",
  ),
  directory_closed: failed(
    "A directory cannot be searched or listed by this user.",
    "Give tallyman's user the right to read and to search it.",
  ),
  file_unreadable: failed(
    "A file cannot be read by this user.",
    "Give tallyman's user the right to read it, and let log rotation create files with the same permissions.",
  ),
  file_refused: warning(
    "A path leads to something that is not followed: a link that others could redirect, a pipe, or tallyman's own file.",
    "See the reason given. `follow_links` says which links are followed; `exclude` leaves out what should not be followed.",
  ),
  no_file_matches: warning(
    "A glob matches no file now.",
    "Correct `paths` if files should be there; those that appear later are followed.",
  ),
  files_excluded: warning(
    "All files that a glob matches are left out by `exclude`.",
    "Correct `exclude` or `paths` of this input.",
  ),
  framing_unfit: warning(
    "A file begins with something else than records of the input's framing.",
    "Set `framing` of the input as the line says; `docs/inputs/framings.md` has all of them.",
  ),
  file_shared: warning(
    "A file belongs to two inputs, so its events are sent twice.",
    "Narrow `paths` of one input, or name the file in its `exclude`.",
  ),
  address_in_use: failed(
    "Another process already listens at the address of an input.",
    "Stop the other process, or change `listen` of this input. A port that systemd opens for tallyman is fine.",
  ),
  port_privileged: failed(
    "This user has no permission to listen on a port below 1024.",
    "Choose a port from 1024 on in `listen`, or have systemd open it (a socket unit).",
  ),
  address_not_here: failed(
    "An input's listen address does not belong to this machine.",
    "Correct `listen`; `ip address` shows the addresses, and `:PORT` means all of them.",
  ),
  listen_refused: failed(
    "The system does not let an input listen at its address.",
    "See the reason given, and correct `listen`.",
  ),
  socket_directory_missing: failed(
    "The directory of a UNIX socket does not exist.",
    "Create it; below /run that is for the service manager (`RuntimeDirectory=` in systemd).",
  ),
  socket_directory_closed: failed(
    "The directory of a UNIX socket cannot be written by this user.",
    "Give tallyman's user the right to write to it, or choose another `path`.",
  ),
  socket_path_taken: failed(
    "Something other than a socket is at the path of a UNIX socket.",
    "Remove it, or choose another path for this input.",
  ),
  socket_in_use: failed(
    "Another process listens on the UNIX socket of an input.",
    "Stop the other process, or give this input another path. A socket that systemd opens for tallyman is fine.",
  ),
  datagram_socket_missing: failed(
    "No datagram socket is at the path of an input with `mode: datagram`.",
    "Have systemd open it: enable tallyman-datagram.socket, or copy that unit for another path.",
  ),
  account_unknown: failed(
    "The owner or group of a UNIX socket is in neither /etc/passwd nor /etc/group.",
    "Correct `owner` or `group` of this input, or give the number in quotes.",
  ),
  receiver_certificate: failed(
    "The TLS certificate or key of an input cannot be used.",
    "Correct `tls.cert` and `tls.key` of this input: readable PEM files that belong together.",
  ),
  receiver_certificate_expired: failed(
    "The TLS certificate of an input has expired.",
    "Renew the file of `tls.cert` of this input, and reload tallyman.",
  ),
  receiver_certificate_expires_soon: warning(
    "The TLS certificate of an input expires soon.",
    "Renew the file of `tls.cert` of this input, and reload tallyman.",
  ),
} as const;

export const state_causes = {
  state_dir_unusable: failed(
    "The state directory does not exist and cannot be created, or is not a directory.",
    "Create it for tallyman's user with mode 0700 (`StateDirectory=` in systemd), or correct `state_dir`.",
  ),
  state_dir_unwritable: failed(
    "The state directory cannot be written by this user, or its disk cannot be written.",
    "Give `state_dir` to tallyman's user, on a writable disk.",
  ),
  state_of_another_user: failed(
    "A file in the state directory cannot be read and written by this user.",
    "Give all of `state_dir` to tallyman's user: `chown -R USER: DIRECTORY`.",
  ),
  state_unreadable: failed(
    "The state file cannot be parsed, so no checkpoint is known.",
    "Restore the file, or move it away; without it, every file is read as if never seen before.",
  ),
  state_dir_open: failed(
    "Users other than root and tallyman's user can change or replace the state directory.",
    "Remove that permission with the command named; tallyman does not start on such a directory.",
  ),
  archive_closed: failed(
    "The file of a `file` output cannot be written by this user, or something else is at its path.",
    "Give tallyman's user the right to write to the directory and the file, or correct `path` of the output.",
  ),
  disk_full: failed(
    "The disk of the state directory is full, or has only the bytes left that are reserved for the state file.",
    "Free some space on the disk of `state_dir`.",
  ),
  disk_too_small: warning(
    "Journals, buffers and quarantine may grow beyond the free space on the disk.",
    "Free some space, or lower `journal.max_bytes`, `buffer.max_bytes` or `quarantine.max_bytes`: when a journal cannot grow, its senders have to wait.",
  ),
} as const;
