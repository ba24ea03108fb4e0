// Numbers of signals are the machine's, not ours: those of 1 to 31 that differ on MIPS are in its own table.
const common =
  "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS";
const mips =
  "HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM USR1 USR2 CHLD PWR WINCH URG IO STOP TSTP CONT TTIN TTOU VTALRM PROF XCPU XFSZ";

/**
 * A signal's name with `SIG`, as in signal(7); `SIGRT34` for the real-time ones; null for what is no signal.
 *
 * @param machine e_machine of the core: MIPS (8) has numbers of its own.
 */
export function signalName(signal: number, machine?: number): string | null {
  const name = (machine === 8 ? mips : common).split(" ")[signal - 1];
  if (name !== undefined) return `SIG${name}`;
  return Number.isInteger(signal) && signal >= 32 && signal <= 128 ? `SIGRT${signal}` : null;
}
