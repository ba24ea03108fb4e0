/**
 * Bytes of the longest signature that is stored. The columns are declared VARCHAR(255) and VARCHAR(1000), which SQLite
 * does not enforce: a Python recursion error has a signature of 30 kB that is as good as any. Beyond this it is not a
 * signature any more but somebody's text in DuplicateSignature.
 */
export const maxSignatureBytes = 65_536;

/**
 * A signature that can be stored and compared, or null. Empty, overlong and NUL-holding ones count as none: C programs
 * that read the file would see a text with a NUL cut off there, and take two different signatures for one.
 */
export function usableSignature(signature: string | null): string | null {
  if (signature === null || signature.trim() === "" || signature.includes("\0")) return null;
  if (Buffer.byteLength(signature) > maxSignatureBytes) return null;
  return signature.toWellFormed();
}
