/** How long a configuration may be. */

/** Far more than a configuration needs; it bounds the time that hostile YAML can take to a second or so. */
export const config_bytes_max = 256 * 1024;
