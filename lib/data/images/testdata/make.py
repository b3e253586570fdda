#!/usr/bin/env python3
"""Makes the small pictures beside it, and what Pillow reads from them: make.py. Pillow 12.0.0."""
import json
import pathlib

from PIL import Image, __version__

HERE = pathlib.Path(__file__).parent


def wave(width, height):
    """Smooth, so that two JPEG decoders agree."""
    im = Image.new("RGB", (width, height))
    im.putdata([((7 * x + 3 * y) % 256 if x < width // 2 else 200, 5 * x % 256, (255 - 4 * y) % 256)
                for y in range(height) for x in range(width)])
    return im


def square(im):
    side = min(im.size)
    left, top = (im.width - side) // 2, (im.height - side) // 2
    return im.crop((left, top, left + side, top + side))


golden = {"pillow": __version__}
wave(37, 23).save(HERE / "wave.png")
wave(24, 33).save(HERE / "wave.webp", lossless=True)
wave(24, 33).quantize(64).save(HERE / "wave.gif")
wave(40, 40).save(HERE / "wave.jpg", quality=95, subsampling=0)
for name, sizes in {"wave.png": (8, 23, 50), "wave.webp": (16,), "wave.gif": (16,), "wave.jpg": (16,)}.items():
    im = Image.open(HERE / name).convert("RGB")
    for size in sizes:
        golden[f"{name} crop {size}"] = square(im).resize((size, size), Image.BILINEAR).tobytes().hex()
im = Image.open(HERE / "wave.png").convert("RGB")
golden["wave.png stretch 12"] = im.resize((12, 12), Image.BILINEAR).tobytes().hex()
golden["wave.png grey 12"] = square(im.convert("L")).resize((12, 12), Image.BILINEAR).tobytes().hex()
(HERE / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")
