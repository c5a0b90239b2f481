"""Packs PNGs into icon.ico and installer.bmp (Windows) and icon.icns (macOS): `icons.py FOLDER OUT`.

Own code because all three are plain containers. In the .ico the small sizes are bitmaps, which every
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
    png = {int(path.stem): path.read_bytes() for path in sizes.glob("[0-9]*.png")}
    images = [(size, bitmap(rows_of(png[size]))) for size in ICO_BITMAPS] + [(256, png[256])]
    (out / "icon.ico").write_bytes(ico(images))
    (out / "icon.icns").write_bytes(icns([(code, png[size]) for code, size in ICNS]))
    side = rows_of((sizes / "installer.png").read_bytes())
    (out / "installer.bmp").write_bytes(bmp(side))


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


def bmp(rows):
    """A whole file of 24 bits a pixel, without transparency: makensis takes no other."""
    width = len(rows[0]) // 4
    lines = b""
    for row in reversed(rows):
        line = b"".join(bytes((row[x + 2], row[x + 1], row[x])) for x in range(0, len(row), 4))
        lines += line + bytes(-len(line) % 4)
    header = struct.pack("<IiiHHIIiiII", 40, width, len(rows), 1, 24, 0, len(lines), 2835, 2835, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 54 + len(lines), 0, 0, 54) + header + lines


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
    """The RGBA rows of a PNG as rsvg-convert writes it: 8 bits a channel, not interlaced, and
    without alpha where nothing shines through."""
    position, packed, width, channels = 8, b"", 0, 4
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        chunk = data[position + 8 : position + 8 + length]
        if kind == b"IHDR":
            width, _, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", chunk)
            if depth != 8 or colour not in (2, 6) or interlace:
                raise SystemExit("a PNG that is not plain RGB or RGBA")
            channels = 4 if colour == 6 else 3
        elif kind == b"IDAT":
            packed += chunk
        position += 12 + length
    rows = unfilter(zlib.decompress(packed), width, channels)
    return rows if channels == 4 else [opaque(row) for row in rows]


def opaque(row):
    return b"".join(row[x : x + 3] + b"\xff" for x in range(0, len(row), 3))


def unfilter(raw, width, channels):
    stride = width * channels
    rows, above = [], bytearray(stride)
    for start in range(0, len(raw), stride + 1):
        kind, row = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for x in range(stride):
            left = row[x - channels] if x >= channels else 0
            corner = above[x - channels] if x >= channels else 0
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
