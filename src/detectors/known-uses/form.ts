/**
 * A fixed form in which the name of a secret stands without its value, for certain, and the pieces that forms are made of.
 */

/** A form, and how it says that no value follows. */
export interface KnownForm {
  /**
   * Sticky, in any case, and of bounded length. It begins where the name ends, and looks back at the name and at what is
   * before it.
   */
  readonly form: RegExp;
  /**
   * Whether the form says only that other fields follow, which stand for themselves. Otherwise it must hold all that would be
   * masked as the value: what is behind it could be one.
   */
  readonly isField: boolean;
}

/** A form that holds all that would be masked. */
export function whole(source: string): KnownForm {
  return { form: new RegExp(source, "iy"), isField: false };
}

/** A form behind which there are other fields. */
export function field(source: string): KnownForm {
  return { form: new RegExp(source, "iy"), isField: true };
}

/** The end of a line. */
export const line_end = String.raw`[ \t\r]{0,8}(?=\n|$)`;

/** An address of IPv4 or IPv6. */
export const ip_address = String.raw`[\da-f.:%]{2,64}`;
