/**
 * Bounds on what is taken from one file. They lie far above what a kernel writes (the reason is beside
 * each) and keep a hostile file from costing more than a moment and a few megabytes.
 */
export const limits = {
  /** vm.max_map_count is 65,530 by default and 1,048,576 where games or Java asked for it. */
  programHeaders: 1_100_000,
  /** Sections of an ELF file; `-ffunction-sections` objects have some ten thousand. */
  sections: 200_000,
  /** A core has one. */
  noteSegments: 1_024,
  /** A thread has about eight notes. */
  notes: 600_000,
  threads: 65_536,
  /** The kernel itself stops at core_file_note_size_limit, 4 MiB by default and 16 MiB at most. */
  fileNoteBytes: 16 * 1024 * 1024,
  fileMappings: 262_144,
  /** Any other note that is read: registers, auxiliary vector, process information. */
  noteBytes: 65_536,
  modules: 16_384,
  /** Segments that are looked at for ELF images, in a core without file names. */
  imageCandidates: 65_536,
  /** Program headers, notes and dynamic entries of one mapped file. Real ones have about a dozen. */
  moduleProgramHeaders: 256,
  moduleNotes: 64,
  dynamicEntries: 1_024,
  linkNames: 16_384,
  /** PATH_MAX. */
  pathBytes: 4_096,
  /** SHA-1 has 20 bytes; `--build-id=0x…` may give anything. */
  buildIdBytes: 64,
  sectionNamesBytes: 8 * 1024 * 1024,
} as const;
