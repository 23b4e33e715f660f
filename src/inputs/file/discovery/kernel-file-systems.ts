/**
 * The file systems that the kernel makes up, by what statfs(2) says of them (linux/magic.h): what is read there is no log,
 * and may be a secret, may block, or may be gone once it is read.
 */
import { statfs } from "node:fs/promises";

const types = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x1cd1, // devpts
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0xcafe4a11, // bpf
  0x6165676c, // pstore
  0xde5e81e4, // efivarfs
  0x62656570, // configfs
  0xf97cff8c, // selinux
  0x43415d53, // smack
  0x42494e4d, // binfmt_misc
  0x6e736673, // namespaces
  0x65735543, // fusectl
  0x19800202, // mqueue
]);

export class KernelFileSystems {
  readonly #by_device = new Map<string, boolean>();

  /** A device can be another file system later. */
  forget(): void {
    this.#by_device.clear();
  }

  /** Whether the device, on which `path` is, is one of them. Rejects with the system's error. */
  async has(device: string, path: string): Promise<boolean> {
    const known = this.#by_device.get(device);
    if (known !== undefined) return known;
    const { type } = await statfs(path);
    const is_kernel = types.has(type >>> 0);
    this.#by_device.set(device, is_kernel);
    return is_kernel;
  }
}
