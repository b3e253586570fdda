#!/usr/bin/env python3
"""Makes the small pictures beside it, and what torchvision makes of them: make.py. torchvision 0.24.1, Pillow 12.0.0."""
import json
import pathlib
import struct

import torchvision
from PIL import Image, __version__
from torchvision.transforms import CenterCrop, Compose, Resize

HERE = pathlib.Path(__file__).parent


def wave(width, height):
    """Smooth, so that two JPEG decoders agree."""
    im = Image.new("RGB", (width, height))
    im.putdata([((7 * x + 3 * y) % 256 if x < width // 2 else 200, 5 * x % 256, (255 - 4 * y) % 256)
                for y in range(height) for x in range(width)])
    return im


def placed_gif(name, **how):
    """A frame that begins at (6, 5) of a larger screen."""
    wave(10, 8).quantize(16).save(HERE / name, **how)
    raw = bytearray((HERE / name).read_bytes())
    raw[6:10] = struct.pack("<HH", 20, 16)
    at = raw.index(b"\x2c\x00\x00\x00\x00\x0a\x00\x08\x00")
    raw[at + 1:at + 5] = struct.pack("<HH", 6, 5)
    (HERE / name).write_bytes(raw)


def animated_webp(name, canvas, frames):
    """frames: (left, top, picture), as libwebp's mux writes them."""
    def chunk(kind, data):
        return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

    def three(n):
        return struct.pack("<I", n)[:3]
    body = chunk(b"VP8X", bytes([0x12, 0, 0, 0]) + three(canvas[0] - 1) + three(canvas[1] - 1)) + chunk(b"ANIM", bytes(6))
    for left, top, im in frames:
        still = HERE / "still.webp"
        im.save(still, lossless=im.mode == "RGB", quality=90)
        raw = still.read_bytes()[12:]
        still.unlink()
        if raw[:4] == b"VP8X":
            raw = raw[18:]
        head = three(left // 2) + three(top // 2) + three(im.width - 1) + three(im.height - 1) + three(100) + b"\0"
        body += chunk(b"ANMF", head + raw)
    (HERE / name).write_bytes(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body)


def on_white(im):
    if im.mode not in ("RGB", "L") and "A" in im.convert("RGBA").mode and im.has_transparency_data:
        white = Image.new("RGBA", im.size, "white")
        white.alpha_composite(im.convert("RGBA"))
        im = white
    return im.convert("RGB")


def crop(im, size):
    return Compose([Resize(size), CenterCrop(size)])(im)


wave(37, 23).save(HERE / "wave.png")
wave(24, 33).save(HERE / "wave.webp", lossless=True)
wave(24, 33).quantize(64).save(HERE / "wave.gif")
wave(40, 40).save(HERE / "wave.jpg", quality=95, subsampling=0)
wave(21, 40).save(HERE / "wave.bmp")
wave(40, 21).save(HERE / "wave.tif", compression="tiff_lzw")
wave(19, 13).save(HERE / "wave.ppm")
wave(13, 19).convert("L").save(HERE / "wave.pgm")
wave(3, 90).save(HERE / "thin.png")
rgba = wave(12, 10).convert("RGBA")
rgba.putalpha(Image.linear_gradient("L").resize((12, 10)))
rgba.save(HERE / "alpha.png")
photo = Image.frombytes("RGB", (8, 6), bytes((i * 73 + i * i * 29) % 256 for i in range(144))).resize((57, 43), Image.BICUBIC)  # strong colours
photo.save(HERE / "photo.jpg", quality=85)
photo.save(HERE / "half.jpg", quality=85, subsampling=1, progressive=True)
photo.save(HERE / "photo.webp", quality=85)
photo.putalpha(Image.linear_gradient("L").resize(photo.size))
photo.save(HERE / "alpha.webp", quality=85)
placed_gif("placed.gif")
placed_gif("clear.gif", transparency=3)
animated_webp("moving.webp", (24, 20), [(0, 0, wave(24, 20)), (4, 6, Image.new("RGB", (8, 8), "red"))])
animated_webp("placed.webp", (20, 16), [(6, 4, wave(10, 8)), (0, 0, Image.new("RGB", (8, 8), "red"))])
golden = {"pillow": __version__, "torchvision": torchvision.__version__}
sizes = {
    "wave.png": (8, 23, 50), "wave.webp": (16,), "wave.gif": (16,), "wave.jpg": (16,), "wave.bmp": (16, 21), "wave.tif": (16,), "wave.ppm": (9,), "wave.pgm": (9,),
    "thin.png": (2, 7), "alpha.png": (10,), "placed.gif": (16,), "clear.gif": (16,), "moving.webp": (12,), "placed.webp": (16, 8),
    "photo.jpg": (43, 20), "half.jpg": (43,), "photo.webp": (43,), "alpha.webp": (43,),
}
for name, wanted in sizes.items():
    im = on_white(Image.open(HERE / name))
    for size in wanted:
        golden[f"{name} crop {size}"] = crop(im, size).tobytes().hex()
im = Image.open(HERE / "wave.png").convert("RGB")
golden["wave.png stretch 12"] = Resize((12, 12))(im).tobytes().hex()
golden["wave.png grey 12"] = crop(im.convert("L"), 12).tobytes().hex()
(HERE / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")
