const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH = 32;

/** A value that nobody can guess, of letters and digits alone, so that it may stand in a URL or on a command line. */
export function randomSecret(): string {
  // Bytes from here on would make the first letters likelier than the others.
  const usable = 256 - (256 % LETTERS.length);
  let made = "";
  while (made.length < LENGTH)
    for (const byte of crypto.getRandomValues(new Uint8Array(LENGTH)))
      if (byte < usable && made.length < LENGTH) made += LETTERS.charAt(byte % LETTERS.length);
  return made;
}
