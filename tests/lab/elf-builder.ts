/** How numbers are written in a forged ELF file. */
export type Format = { readonly bits: 32 | 64; readonly byteOrder: "little" | "big" };

export const formats: readonly Format[] = [
  { bits: 64, byteOrder: "little" },
  { bits: 64, byteOrder: "big" },
  { bits: 32, byteOrder: "little" },
  { bits: 32, byteOrder: "big" },
];

/** Writes numbers in a format; what does not fit is cut to size, so that absurd values can be forged. */
export function encoder(format: Format) {
  const integer = (value: number | bigint, bytes: number): Buffer => {
    const digits = BigInt.asUintN(bytes * 8, BigInt(value))
      .toString(16)
      .padStart(bytes * 2, "0");
    const big = Buffer.from(digits, "hex");
    return format.byteOrder === "little" ? big.reverse() : big;
  };
  return {
    half: (value: number | bigint) => integer(value, 2),
    int: (value: number | bigint) => integer(value, 4),
    word: (value: number | bigint) => integer(value, format.bits / 8),
    integer,
  };
}

export type HeaderSpec = Format & {
  readonly type: number;
  readonly machine: number;
  readonly flags?: number;
  readonly programHeaderCount: number;
  readonly programHeaderBytes?: number;
  readonly sectionOffset?: number | bigint;
  readonly sectionCount?: number;
  readonly sectionNamesIndex?: number;
};

/** Sizes of the fixed structures. */
export function sizesOf(format: Format) {
  return format.bits === 64 ? { header: 64, program: 56, section: 64 } : { header: 52, program: 32, section: 40 };
}

/** An ELF header whose program headers follow it at once. */
export function elfHeader(spec: HeaderSpec): Buffer {
  const { half, int, word } = encoder(spec);
  const sizes = sizesOf(spec);
  const ident = Buffer.alloc(16);
  ident.write("\x7fELF", "latin1");
  ident.set([spec.bits === 64 ? 2 : 1, spec.byteOrder === "little" ? 1 : 2, 1], 4);
  return Buffer.concat([
    ident,
    half(spec.type),
    half(spec.machine),
    int(1),
    word(0),
    word(sizes.header),
    word(spec.sectionOffset ?? 0),
    int(spec.flags ?? 0),
    half(sizes.header),
    half(spec.programHeaderBytes ?? sizes.program),
    half(spec.programHeaderCount),
    half(sizes.section),
    half(spec.sectionCount ?? 0),
    half(spec.sectionNamesIndex ?? 0),
  ]);
}

export type ProgramHeaderSpec = {
  readonly type: number;
  readonly flags?: number;
  readonly offset?: number | bigint;
  readonly address?: bigint;
  readonly fileBytes?: number | bigint;
  readonly memoryBytes?: number | bigint;
  readonly align?: number;
};

export function programHeader(format: Format, spec: ProgramHeaderSpec): Buffer {
  const { int, word } = encoder(format);
  const flags = int(spec.flags ?? 4);
  const places = [word(spec.offset ?? 0), word(spec.address ?? 0n), word(0)];
  const sizes = [word(spec.fileBytes ?? 0), word(spec.memoryBytes ?? spec.fileBytes ?? 0)];
  const parts =
    format.bits === 64
      ? [int(spec.type), flags, ...places, ...sizes, word(spec.align ?? 1)]
      : [int(spec.type), ...places, ...sizes, flags, word(spec.align ?? 1)];
  return Buffer.concat(parts);
}

export type SectionHeaderSpec = {
  readonly name?: number;
  readonly type?: number;
  readonly offset?: number;
  readonly sizeBytes?: number | bigint;
  readonly link?: number;
  readonly info?: number;
};

export function sectionHeader(format: Format, spec: SectionHeaderSpec): Buffer {
  const { int, word } = encoder(format);
  const place = [word(0), word(0), word(spec.offset ?? 0), word(spec.sizeBytes ?? 0)];
  const tail = [int(spec.link ?? 0), int(spec.info ?? 0), word(1), word(0)];
  return Buffer.concat([int(spec.name ?? 0), int(spec.type ?? 0), ...place, ...tail]);
}

/** One note, padded to 4 bytes. */
export function note(format: Format, owner: string, type: number, content: Buffer): Buffer {
  const { int } = encoder(format);
  const name = Buffer.from(`${owner}\0`, "latin1");
  return Buffer.concat([int(name.length), int(content.length), int(type), padded(name), padded(content)]);
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((4 - (content.length % 4)) % 4)]);
}

export type ImageSpec = {
  readonly machine: number;
  readonly type?: number;
  readonly flags?: number;
  readonly buildId?: string;
  /** Address space from the first byte to the end of the last segment; one page unless told. */
  readonly extentBytes?: number;
  /** Segments besides the one that begins with the headers, by file offset and address. */
  readonly moreSegments?: readonly { readonly offset: number; readonly address: bigint }[];
  /** Where in the image its build-id note lies; 0x400 unless told. */
  readonly noteOffset?: number;
  /** Address of the dynamic section, from the image's start. */
  readonly dynamicAddress?: bigint;
};

/** The first page of a program or library as the kernel dumps it: headers and the build-id note. */
export function elfImage(format: Format, spec: ImageSpec): Buffer {
  const { header, program } = sizesOf(format);
  const id = note(format, "GNU", 3, Buffer.from(spec.buildId ?? "", "hex"));
  const noteOffset = spec.noteOffset ?? 0x400;
  const more = (spec.moreSegments ?? []).map((segment) => ({
    ...segment,
    type: 1,
    fileBytes: 4096,
    memoryBytes: 4096,
  }));
  const segments: ProgramHeaderSpec[] = [
    { type: 6, offset: header, address: BigInt(header), fileBytes: (4 + more.length) * program },
    { type: 1, fileBytes: 4096, memoryBytes: spec.extentBytes ?? 4096 },
    ...more,
    { type: 4, offset: noteOffset, address: BigInt(noteOffset), fileBytes: spec.buildId === undefined ? 0 : id.length },
    { type: spec.dynamicAddress === undefined ? 0 : 2, address: spec.dynamicAddress ?? 0n, fileBytes: 256 },
  ];
  const image = Buffer.alloc(Math.max(4096, noteOffset + id.length));
  const { machine, flags = 0 } = spec;
  elfHeader({ ...format, type: spec.type ?? 3, machine, flags, programHeaderCount: segments.length }).copy(image);
  Buffer.concat(segments.map((segment) => programHeader(format, segment))).copy(image, header);
  id.copy(image, noteOffset);
  return image;
}
