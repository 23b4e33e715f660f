/** The path of what this process has open: it leads there, whatever name that has by now. */
export function pathOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
