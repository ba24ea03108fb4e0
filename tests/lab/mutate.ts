import type { Random } from "./random.ts";

/** One way to damage bytes. `others` are samples of the same kind, to splice from. */
type Damage = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

const maxDamages = 6;
/** A mutation may lengthen its sample to this many bytes and no further. */
const maxLength = 512 * 1024;

/** A damaged copy of one of the samples: often one damage, as by a failing disk, else up to six. */
export function mutate(samples: readonly Buffer[], random: Random): Buffer {
  let bytes: Buffer = Buffer.from(random.pick(samples));
  for (let left = random.below(2) === 0 ? 1 : 1 + random.below(maxDamages); left > 0; left -= 1) {
    bytes = random.pick(damages)(bytes, random, samples).subarray(0, maxLength);
  }
  return bytes;
}

// Values that upset arithmetic: the ends of what 8, 16, 32, 53 and 64 bits hold, and their neighbours.
const integers = [0n, 1n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0xffffn, 0x7fffffffn, 0x80000000n, 0xffffffffn].concat([
  ...[2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 64n - 4096n],
]);

const hugeNumbers = [
  "9".repeat(25),
  "-1",
  "1e309",
  "4294967296",
  "0x7fffffffffffffff",
  "18446744073709551616",
  "00000000008",
  "NaN",
];

// What is no UTF-8 (a lone continuation, an overlong slash, half a pair, beyond Unicode), and what is and does harm.
const oddTexts = ["\xff\xfe", "\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x80\xae", "\xc2\x9b31m"]
  .concat([
    "\x1b]0;pwned\x07",
    "\0",
    "\r\n",
    "\r",
    "\xe2\x80\xa8",
    "\xef\xbb\xbf",
    "../",
    "%s%n",
    "'\"`$()",
    "__proto__",
  ])
  .map((text) => Buffer.from(text, "latin1"));

const damages: readonly Damage[] = [
  flipBit,
  flipBit,
  putByte,
  putInteger,
  putInteger,
  putRun,
  putRandomBytes,
  truncate,
  removePart,
  doublePart,
  splice,
  insertOddText,
  repeatLine,
  swapLines,
  putHugeNumber,
  toCrLf,
];

function flipBit(bytes: Buffer, random: Random): Buffer {
  const at = place(bytes, random);
  if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
}

function putByte(bytes: Buffer, random: Random): Buffer {
  const at = place(bytes, random);
  if (at < bytes.length) bytes[at] = random.pick([0, 0x0a, 0x20, 0x3a, 0x7f, 0x80, 0xff, random.below(256)]);
  return bytes;
}

function putInteger(bytes: Buffer, random: Random): Buffer {
  const size = random.pick([1, 2, 4, 8] as const);
  const value = BigInt.asUintN(size * 8, random.pick(integers));
  const digits = Buffer.from(value.toString(16).padStart(size * 2, "0"), "hex");
  (random.below(2) === 0 ? digits : digits.reverse()).copy(bytes, place(bytes, random));
  return bytes;
}

function putRun(bytes: Buffer, random: Random): Buffer {
  const from = place(bytes, random);
  return bytes.fill(random.pick([0, 0x20, 0x41, 0xff]), from, Math.min(bytes.length, from + random.below(600)));
}

function putRandomBytes(bytes: Buffer, random: Random): Buffer {
  random.bytes(1 + random.below(32)).copy(bytes, place(bytes, random));
  return bytes;
}

function truncate(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, random.below(bytes.length + 1));
}

function removePart(bytes: Buffer, random: Random): Buffer {
  const from = place(bytes, random);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + random.below(600))]);
}

function doublePart(bytes: Buffer, random: Random): Buffer {
  const from = place(bytes, random);
  const part = bytes.subarray(from, from + 1 + random.below(2000));
  return insert(bytes, from, repeated(part, random.pick([1, 1, 2, 50])));
}

function splice(bytes: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  const other = random.pick(others);
  return Buffer.concat([bytes.subarray(0, place(bytes, random)), other.subarray(place(other, random))]);
}

function insertOddText(bytes: Buffer, random: Random): Buffer {
  return insert(bytes, place(bytes, random), random.pick(oddTexts));
}

function repeatLine(bytes: Buffer, random: Random): Buffer {
  const { from, to } = line(bytes, random);
  return insert(bytes, from, repeated(bytes.subarray(from, to), random.pick([1, 2, 10, 1000])));
}

function swapLines(bytes: Buffer, random: Random): Buffer {
  const { from, to } = line(bytes, random);
  const rest = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  return insert(rest, line(rest, random).from, bytes.subarray(from, to));
}

function putHugeNumber(bytes: Buffer, random: Random): Buffer {
  const numbers = [...bytes.toString("latin1").matchAll(/\d+/g)].slice(0, 5000);
  const found = numbers.length === 0 ? null : random.pick(numbers);
  const [from, length] = found === null ? [place(bytes, random), 0] : [found.index, found[0].length];
  const number = Buffer.from(random.pick(hugeNumbers));
  return Buffer.concat([bytes.subarray(0, from), number, bytes.subarray(from + length)]);
}

function toCrLf(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString("latin1").replaceAll("\n", "\r\n"), "latin1");
}

function repeated(part: Buffer, times: number): Buffer {
  const affordable = Math.ceil(maxLength / Math.max(1, part.length));
  return Buffer.concat(Array.from({ length: Math.min(times, affordable) }, () => part));
}

function insert(bytes: Buffer, at: number, part: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
}

// Most of what steers a reader stands at the front, and of some formats (zlib, ELF sections) at the end.
function place(bytes: Buffer, random: Random): number {
  const reach = random.pick([64, 600, 4096, bytes.length + 1]);
  const distance = random.below(Math.min(reach, bytes.length + 1));
  return random.below(4) === 0 ? bytes.length - distance : distance;
}

function line(bytes: Buffer, random: Random): { readonly from: number; readonly to: number } {
  const at = random.below(bytes.length + 1);
  const from = at === 0 ? 0 : bytes.lastIndexOf("\n", at - 1) + 1;
  const end = bytes.indexOf("\n", from);
  return { from, to: end === -1 ? bytes.length : end + 1 };
}
