"""The bytes of a photo become its width and height, or what the real server says against them; only PNG here.

Limits: 10 MB, width and height together 10,000, their ratio 20 (core.telegram.org/bots/api#sendphoto). A PNG
that is cut or damaged is refused, chunk by chunk (W3C, Portable Network Graphics, sections 5 and 11).
"""

import zlib
from collections.abc import Iterator

from bot.ops.botapi_rules import bad

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST = 10 * 1024 * 1024
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # a pixel, by colour type


def check_photo(data: bytes) -> tuple[int, int]:
    """Width and height in pixels. Raises Refused."""
    if len(data) > LARGEST:
        raise bad(f"file of size {len(data)} bytes is too big for a photo; the maximum size is {LARGEST} bytes")
    chunks = list(_chunks(data))
    if [name for name, _ in chunks[:1]] != [b"IHDR"] or chunks[-1][0] != b"IEND":
        raise bad("IMAGE_PROCESS_FAILED")
    head = chunks[0][1]
    width, height, depth = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big"), head[8]
    if width + height > 10_000 or not 1 / 20 <= width / max(1, height) <= 20:
        raise bad("PHOTO_INVALID_DIMENSIONS")
    row = 1 + (width * depth * SAMPLES.get(head[9], 0) + 7) // 8
    try:
        pixels = zlib.decompress(b"".join(content for name, content in chunks if name == b"IDAT"))
    except zlib.error:
        raise bad("IMAGE_PROCESS_FAILED") from None
    if len(pixels) != row * height:
        raise bad("IMAGE_PROCESS_FAILED")
    return width, height


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each chunk."""
    at = len(SIGNATURE)
    if not data.startswith(SIGNATURE) or len(data) < at + 25:
        raise bad("IMAGE_PROCESS_FAILED")
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        name, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        summed = data[at + 8 + length : at + 12 + length]
        if zlib.crc32(name + content).to_bytes(4, "big") != summed:
            raise bad("IMAGE_PROCESS_FAILED")
        yield name, content
        at += 12 + length
