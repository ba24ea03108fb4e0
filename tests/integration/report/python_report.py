"""Writes and reads problem reports with Python's own zlib and base64, as an independent judge.

write FILE CODEC       a report whose CoreDump is compressed by CODEC (gzip, gzip-module, zlib, zstd)
                       from the bytes on stdin
read FILE KEY          the decoded bytes of a binary field, to stdout
text FILE              the text fields as JSON with every byte as one character
"""

import base64
import gzip
import json
import struct
import subprocess
import sys
import zlib

CHUNK = 128 * 1024


def chunks(data):
    return [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]


def gzip_by_block(data):
    """Header with name, a piece per block that gave output, the rest with the trailer."""
    yield b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x02\xff" + b"CoreDump\x00"
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, 0)
    for chunk in chunks(data):
        block = compressor.compress(chunk)
        if block:
            yield block
    yield compressor.flush() + struct.pack("<LL", zlib.crc32(data) & 0xFFFFFFFF, len(data) & 0xFFFFFFFF)


def zstd_command(data):
    return subprocess.run(["zstd", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


CODECS = {
    "gzip": gzip_by_block,
    "gzip-module": lambda data: chunks(gzip.compress(data)),
    "zlib": lambda data: chunks(zlib.compress(data)),
    "zstd": lambda data: chunks(zstd_command(data)),
}


def write(path, codec):
    data = sys.stdin.buffer.read()
    with open(path, "wb") as report:
        report.write("ProblemType: Crash\nProcMaps:\n 1-2 r-xp\n\nUname: é\n".replace("\n\n", "\n \n").encode())
        report.write(b"CoreDump: base64\n")
        for piece in CODECS[codec](data):
            report.write(b" " + base64.b64encode(piece) + b"\n")


def entries(path):
    key, own, lines = None, b"", []
    with open(path, "rb") as report:
        for line in report.read().split(b"\n")[:-1]:
            if line.startswith(b" "):
                lines.append(line[1:])
                continue
            if key is not None:
                yield key, own, lines
            name, _, rest = line.partition(b":")
            key, own, lines = name.decode("ascii"), rest.strip(), []
    yield key, own, lines


def read(path, wanted):
    for key, own, lines in entries(path):
        if key == wanted and own == b"base64":
            decoder = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
            for line in lines:
                sys.stdout.buffer.write(decoder.decompress(base64.b64decode(line, validate=True)))
            sys.stdout.buffer.write(decoder.flush())
            if not decoder.eof or decoder.unused_data:
                sys.exit("the stream does not end where the field ends")


def text(path):
    fields = {}
    for key, own, lines in entries(path):
        if own != b"base64":
            fields[key] = b"\n".join(([own] if own else []) + lines).decode("latin-1")
    json.dump(fields, sys.stdout)


{"write": write, "read": read, "text": text}[sys.argv[1]](*sys.argv[2:])
