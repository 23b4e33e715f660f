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
    "The configuration has mistakes, or names a secret that is not there.",
    "Correct the line named; `tallyman check -c FILE` explains what the configuration means.",
  ),
  config_doubtful: warning(
    "Something in the configuration is likely not meant so.",
    "See the line named; `tallyman check -c FILE` explains what the configuration means.",
  ),
  plugin_refused: failed(
    "A plugin file cannot be used.",
    "Correct the file named, or take it out of `plugins_dir`.",
  ),
  runs_as_root: warning(
    "The checks run as root, who may read and write everything; what another user may is not seen.",
    "Name the user that tallyman runs as: `tallyman doctor -c FILE --user NAME`.",
  ),
  check_hangs: failed(
    "The system does not answer in time, as with a network file system whose server is away.",
    "See whether `ls` on the path hangs too, and repair or unmount its file system.",
  ),
} as const;

export const input_causes = {
  directory_missing: warning(
    "A directory in which files are to be followed does not exist.",
    "Correct `paths`, or create it; tallyman waits for it, and follows the files once they are there.",
  ),
  directory_closed: failed(
    "A directory may not be searched or listed by this user.",
    "Give tallyman's user the right to read and to search it.",
  ),
  file_unreadable: failed(
    "A file may not be read by this user.",
    "Give tallyman's user the right to read it, and have log rotation create it so.",
  ),
  file_refused: warning(
    "A path leads to something that is not followed: a link that others could lead elsewhere, a pipe, or tallyman's own.",
    "See the reason given. `follow_links` says which links are followed; `exclude` takes out what is not meant.",
  ),
  no_file_matches: warning(
    "A glob matches no file now.",
    "Correct `paths` if files should be there; those that appear later are followed.",
  ),
  files_excluded: warning(
    "All files that a glob matches are taken out by `exclude`.",
    "Correct `exclude` or `paths` of this input.",
  ),
  file_shared: warning(
    "A file belongs to two inputs, so that its events are sent twice.",
    "Narrow `paths` of one input, or name the file in its `exclude`.",
  ),
  address_in_use: failed(
    "Another process listens at the address of an input.",
    "Stop the other process, or change `listen` of this input. A port that systemd is to hand over is fine.",
  ),
  port_privileged: failed(
    "A port below 1024 may not be listened at by this user.",
    "Choose a port from 1024 on in `listen`, or have systemd open it (a socket unit).",
  ),
  address_not_here: failed(
    "The address that an input is to listen at is none of this machine.",
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
    "The directory of a UNIX socket may not be written by this user.",
    "Give tallyman's user the right to write to it, or choose another `path`.",
  ),
  socket_path_taken: failed(
    "Something else than a socket is at the path of a UNIX socket.",
    "Remove it, or choose another path for this input.",
  ),
  socket_in_use: failed(
    "Another process listens on the UNIX socket of an input.",
    "Stop the other process, or give this input another path. A socket that systemd is to hand over is fine.",
  ),
  account_unknown: failed(
    "The owner or group of a UNIX socket is in neither /etc/passwd nor /etc/group.",
    "Correct `owner` or `group` of this input, or give the number in quotes.",
  ),
  receiver_certificate: failed(
    "The certificate or key that an input is to show cannot be used.",
    "Correct `tls.cert` and `tls.key` of this input: PEM files that belong together and may be read.",
  ),
  receiver_certificate_expired: failed(
    "The certificate that an input shows to its senders has expired.",
    "Renew the file of `tls.cert` of this input, and restart tallyman.",
  ),
  receiver_certificate_expires_soon: warning(
    "The certificate that an input shows to its senders expires soon.",
    "Renew the file of `tls.cert` of this input, and restart tallyman.",
  ),
} as const;

export const state_causes = {
  state_dir_unusable: failed(
    "The state directory does not exist and cannot be created, or is no directory.",
    "Create it for tallyman's user with mode 0700 (`StateDirectory=` in systemd), or correct `state_dir`.",
  ),
  state_dir_unwritable: failed(
    "The state directory may not be written by this user, or its disk cannot be.",
    "Let `state_dir` belong to tallyman's user, on a disk that can be written.",
  ),
  state_of_another_user: failed(
    "A file in the state directory may not be read and written by this user.",
    "Give all of `state_dir` to tallyman's user: `chown -R USER: DIRECTORY`.",
  ),
  state_unreadable: failed(
    "The state file cannot be understood, so no position is known.",
    "Restore the file or move it away; without it every file is treated as never seen before.",
  ),
  state_dir_open: failed(
    "Others than root and tallyman's user can change the state directory, or put something else in its place.",
    "Take the right away with the command named: tallyman does not start on such a directory.",
  ),
  archive_closed: failed(
    "The file of a `file` output may not be written by this user, or something else is there.",
    "Give tallyman's user the right to write to the directory and the file, or correct `path` of the output.",
  ),
  disk_full: failed(
    "The disk of the state directory is full, or keeps its last bytes for the state file.",
    "Make room on the disk of `state_dir`.",
  ),
  disk_too_small: warning(
    "Journals, buffers and quarantine may grow beyond the room that is left on the disk.",
    "Make room, or lower `journal.max_bytes`, `buffer.max_bytes` or `quarantine.max_bytes`: what cannot grow makes its senders wait.",
  ),
} as const;
