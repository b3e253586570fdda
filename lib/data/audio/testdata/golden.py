"""Writes the WAV files beside it and, as SciPy reads them, golden.json: python3 golden.py, with SciPy and, for µ-law, Python before 3.13."""
import audioop
import json
import pathlib
import struct
import wave

import numpy as np
import scipy
from scipy.io import wavfile

HERE = pathlib.Path(__file__).parent
rng = np.random.default_rng(1)
x = np.clip(rng.normal(0, 0.4, (23, 2)), -1, 1 - 2**-15)
x[0], x[1] = -1, 1 - 2**-15
integers = np.round(x * 2**15).astype("<i4")
want = {}


def keep(name, values):
    """values: [frames, channels] in [-1, 1]."""
    want[name] = [round(float(v), 9) for v in np.asarray(values, np.float64).reshape(len(values), -1).mean(1)]


for bits in 8, 16, 24, 32:
    name = f"pcm{bits}.wav"
    with wave.open(str(HERE / name), "wb") as w:
        w.setparams((2, bits // 8, 8000 + bits, 0, "NONE", ""))
        wide = integers.astype("<i8") << 16 >> (32 - bits)
        raw = wide.astype("<i4").tobytes()
        frames = (wide + 128).astype("u1").tobytes() if bits == 8 else b"".join(raw[4 * i : 4 * i + bits // 8] for i in range(wide.size))
        w.writeframes(frames)
    _, read = wavfile.read(HERE / name)
    keep(name, (read.astype(float) - 128) / 128 if bits == 8 else read.astype(float) / 2 ** {16: 15, 24: 31, 32: 31}[bits])
for bits in 32, 64:
    name = f"float{bits}.wav"
    wavfile.write(HERE / name, 44100, x[:, 0].astype(f"<f{bits // 8}"))
    keep(name, wavfile.read(HERE / name)[1])
codes = bytes(range(256))
fmt = struct.pack("<HHIIHHH", 7, 1, 8000, 8000, 1, 8, 0)
body = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt + b"LIST" + struct.pack("<I", 3) + b"odd\0" + b"data" + struct.pack("<I", 256) + codes
(HERE / "mulaw.wav").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
keep("mulaw.wav", np.frombuffer(audioop.ulaw2lin(codes, 2), "<i2").astype(float) / 2**15)


def encode(x):
    """The µ-law codes of torchaudio.functional.mu_law_encoding."""
    y = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)
    return ((y + 1) / 2 * 255 + 0.5).astype(int)


def decode(codes):
    y = 2 * codes / 255 - 1
    return np.sign(y) * (256 ** np.abs(y) - 1) / 255


def prediction(sequences, held, order):
    """Bits a code of linear prediction with NumPy's least squares: the error's likelihood is how often it was met, and once more."""
    def rows(codes):
        s = np.concatenate([np.zeros(order), decode(codes)])
        return np.stack([s[order - 1 - i : len(s) - 1 - i] for i in range(order)], 1), s[order:]

    parts = [rows(c) for c in sequences]
    w = np.linalg.lstsq(np.concatenate([a for a, _ in parts]), np.concatenate([b for _, b in parts]), rcond=None)[0]
    counts = np.ones(511)
    errors = lambda c: c - encode(np.clip(rows(c)[0] @ w, -1, 1)) + 255
    for c in sequences:
        np.add.at(counts, errors(c), 1)
    return float(-np.log2(counts / counts.sum())[np.concatenate([errors(c) for c in held])].mean())


sounds = [0.5 * np.sin(0.3 * np.arange(300) + i) * np.exp(-np.arange(300) / 150) + rng.normal(0, 0.02, 300) for i in range(4)]
sounds = [encode(s.astype(np.float32)) for s in sounds]
at = np.linspace(-1, 1, 41)
golden = dict(scipy=scipy.__version__, numpy=np.__version__, samples=want, x=at.tolist(), codes=encode(at).tolist(), decoded=decode(np.arange(256)).tolist(),
              sounds=[s.tolist() for s in sounds], bits=prediction(sounds[:3], sounds[3:], 4))
(HERE / "golden.json").write_text(json.dumps(golden) + "\n")
