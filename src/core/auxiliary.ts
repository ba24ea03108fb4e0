/** Keys of the auxiliary vector (elf.h, AT_…) that tell where the program and the vdso are. */
export const auxKey = {
  programHeaders: 3,
  programHeaderBytes: 4,
  programHeaderCount: 5,
  entry: 9,
  executableName: 31,
  vdso: 33,
} as const;
