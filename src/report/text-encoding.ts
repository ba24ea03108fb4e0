import { isUtf8 } from "node:buffer";

// A program may be called with any bytes as arguments: a ProcCmdline of `cat caf\xe9` (Latin-1) is a
// good report with an odd byte. Replacing it by U+FFFD would change the report, refusing it would lose
// the crash. As Python does (PEP 383), each byte that is not part of valid UTF-8 becomes a lone
// surrogate U+DC80..U+DCFF. Valid UTF-8 never decodes to one, so nothing is ambiguous.
const escapeBase = 0xdc00;

/** A field's bytes as text; `exact` is false when some were not UTF-8 and stand as lone surrogates. */
export function decodeText(bytes: Buffer): { readonly text: string; readonly exact: boolean } {
  return isUtf8(bytes)
    ? { text: bytes.toString("utf8"), exact: true }
    : { text: decodeWithEscapes(bytes), exact: false };
}

/** The bytes of a text from decodeText, or of any well-formed text; null when no bytes decode to it. */
export function encodeText(text: string): Buffer | null {
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  const bytes = encodeWithEscapes(text);
  // Escapes that together make valid UTF-8 ("\udcc3\udca9") would come back as another text ("é").
  return bytes !== null && decodeText(bytes).text === text ? bytes : null;
}

function decodeWithEscapes(bytes: Buffer): string {
  const units = new Uint16Array(bytes.length);
  let length = 0;
  let offset = 0;
  while (offset < bytes.length) {
    const size = sequenceLength(bytes, offset);
    const codePoint = size === 0 ? escapeBase + byteAt(bytes, offset) : codePointAt(bytes, offset, size);
    offset += Math.max(1, size);
    if (codePoint > 0xffff) {
      units[length] = 0xd7c0 + (codePoint >> 10);
      units[length + 1] = 0xdc00 + (codePoint & 0x3ff);
      length += 2;
    } else {
      units[length] = codePoint;
      length += 1;
    }
  }
  return Buffer.from(units.buffer, 0, length * 2).toString("utf16le");
}

function encodeWithEscapes(text: string): Buffer | null {
  const bytes = Buffer.allocUnsafe(text.length * 3);
  let length = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
    if (isSurrogate && (codePoint < 0xdc80 || codePoint > 0xdcff)) return null;
    length += isSurrogate ? bytes.writeUInt8(codePoint - escapeBase, length) - length : bytes.write(character, length);
  }
  return bytes.subarray(0, length);
}

/** Length of the well-formed UTF-8 sequence at `offset` (RFC 3629, section 4), 0 when there is none. */
function sequenceLength(bytes: Buffer, offset: number): number {
  const lead = byteAt(bytes, offset);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const second = byteAt(bytes, offset + 1);
  if (second < secondByteFrom(lead) || second > secondByteTo(lead)) return 0;
  for (let index = 2; index < length; index += 1) {
    if ((byteAt(bytes, offset + index) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

// No overlong forms (E0, F0), no surrogates (ED), nothing beyond U+10FFFF (F4).
function secondByteFrom(lead: number): number {
  return lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
}

function secondByteTo(lead: number): number {
  return lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
}

function codePointAt(bytes: Buffer, offset: number, size: number): number {
  if (size === 1) return byteAt(bytes, offset);
  let codePoint = byteAt(bytes, offset) & (0x7f >> size);
  for (let index = 1; index < size; index += 1) codePoint = (codePoint << 6) | (byteAt(bytes, offset + index) & 0x3f);
  return codePoint;
}

function byteAt(bytes: Buffer, offset: number): number {
  return bytes[offset] ?? 0;
}
