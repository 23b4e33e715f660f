/** The digits of ASCII. */
const zero = 0x30;
const nine = 0x39;

/** Whether a byte, or the code of a character, is one of `0` to `9`. One that is not there is none. */
export function isDigit(code: number | undefined): code is number {
  return code !== undefined && code >= zero && code <= nine;
}
