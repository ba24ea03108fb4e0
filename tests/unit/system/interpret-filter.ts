/** A system call as a filter sees it (struct seccomp_data). */
export type Call = { readonly number: number; readonly audit: number; readonly arguments?: readonly bigint[] };

export type Verdict = "allow" | "kill" | "ENOSYS";

const verdicts: ReadonlyMap<number, Verdict> = new Map([
  [0x7fff0000, "allow"],
  [0x80000000, "kill"],
  [0x00050026, "ENOSYS"],
]);

/** What the kernel's machine for classic BPF makes of a call: a second opinion on what the compiler means. */
export function interpret(filter: Buffer, call: Call): Verdict {
  const seen = seenByFilter(call);
  let accumulator = 0;
  for (let at = 0; at < filter.length / 8; at += 1) {
    const [code, ifTrue, ifFalse] = [filter.readUInt16LE(8 * at), filter[8 * at + 2], filter[8 * at + 3]];
    const k = filter.readUInt32LE(8 * at + 4);
    if (code === 0x06) return verdictOf(k);
    if (code === 0x20) accumulator = seen.readUInt32LE(k);
    else if (code === 0x05) at += k;
    else at += (jumps(code, accumulator, k) ? ifTrue : ifFalse) ?? 0;
  }
  throw new Error("the filter ends without a verdict");
}

function jumps(code: number, accumulator: number, k: number): boolean {
  if (code === 0x15) return accumulator === k;
  if (code === 0x35) return accumulator >= k;
  if (code === 0x45) return (accumulator & k) !== 0;
  throw new Error(`no such instruction: ${code}`);
}

function verdictOf(value: number): Verdict {
  const verdict = verdicts.get(value);
  if (verdict === undefined) throw new Error(`no such verdict: ${value.toString(16)}`);
  return verdict;
}

function seenByFilter(call: Call): Buffer {
  const seen = Buffer.alloc(64);
  seen.writeUInt32LE(call.number, 0);
  seen.writeUInt32LE(call.audit, 4);
  for (const [index, argument] of (call.arguments ?? []).entries()) seen.writeBigUInt64LE(argument, 16 + 8 * index);
  return seen;
}
