"""Packs PNGs into icon.ico (Windows) and icon.icns (macOS): `icons.py FOLDER_OF_SIZES OUT`.

Own code because both are plain containers. In the .ico the small sizes are bitmaps, which every
reader takes, makensis included; only 256 is a PNG, as Windows itself does it.
"""

import pathlib
import struct
import sys
import zlib

ICO_BITMAPS = (16, 20, 24, 32, 40, 48, 64)
# Apple's type codes for PNG content: plain sizes, then those for screens of double density.
ICNS = (
    (b"icp4", 16), (b"icp5", 32), (b"ic07", 128), (b"ic08", 256), (b"ic09", 512),
    (b"ic11", 32), (b"ic12", 64), (b"ic13", 256), (b"ic14", 512), (b"ic10", 1024),
)


def main():
    sizes, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    png = {int(path.stem): path.read_bytes() for path in sizes.glob("*.png")}
    images = [(size, bitmap(rows_of(png[size]))) for size in ICO_BITMAPS] + [(256, png[256])]
    (out / "icon.ico").write_bytes(ico(images))
    (out / "icon.icns").write_bytes(icns([(code, png[size]) for code, size in ICNS]))


def ico(images):
    """Directory first, then the images; a side of 256 is written as 0."""
    offset = 6 + 16 * len(images)
    directory, content = struct.pack("<HHH", 0, 1, len(images)), b""
    for size, data in images:
        side = size % 256
        directory += struct.pack(
            "<BBBBHHII", side, side, 0, 0, 1, 32, len(data), offset + len(content)
        )
        content += data
    return directory + content


def icns(entries):
    body = b"".join(code + struct.pack(">I", 8 + len(data)) + data for code, data in entries)
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def bitmap(rows):
    """A BITMAPINFOHEADER of double height, BGRA from the bottom up, and an empty AND mask."""
    size = len(rows)
    pixels = b""
    for row in reversed(rows):
        for x in range(size):
            red, green, blue, alpha = row[4 * x : 4 * x + 4]
            pixels += bytes((blue, green, red, alpha))
    mask = bytes((size + 31) // 32 * 4 * size)
    header = struct.pack("<IiiHHIIiiII", 40, size, 2 * size, 1, 32, 0, len(pixels + mask), 0, 0, 0, 0)
    return header + pixels + mask


def rows_of(data):
    """The RGBA rows of a PNG as rsvg-convert writes it: 8 bits a channel, not interlaced."""
    position, packed, width = 8, b"", 0
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        chunk = data[position + 8 : position + 8 + length]
        if kind == b"IHDR":
            width, _, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", chunk)
            if (depth, colour, interlace) != (8, 6, 0):
                raise SystemExit("a PNG that is not plain RGBA")
        elif kind == b"IDAT":
            packed += chunk
        position += 12 + length
    return unfilter(zlib.decompress(packed), 4 * width)


def unfilter(raw, stride):
    rows, above = [], bytearray(stride)
    for start in range(0, len(raw), stride + 1):
        kind, row = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for x in range(stride):
            left = row[x - 4] if x >= 4 else 0
            corner = above[x - 4] if x >= 4 else 0
            guess = (0, left, above[x], (left + above[x]) // 2, paeth(left, above[x], corner))[kind]
            row[x] = (row[x] + guess) & 0xFF
        rows.append(bytes(row))
        above = row
    return rows


def paeth(left, up, corner):
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


if __name__ == "__main__":
    main()
