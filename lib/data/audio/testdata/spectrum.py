"""Writes spectrum.json: what librosa says of a made sound, for spectrum_test.go (pip install librosa)."""

import json
from pathlib import Path

import librosa
import numpy as np

RATE, WINDOW, HOP, BANDS = 8000, 64, 24, 10
t = np.arange(200) / RATE
x = (0.5 * np.sin(2 * np.pi * 440 * t) + 0.25 * np.sin(2 * np.pi * (1000 + 4000 * t) * t)).astype(np.float32)
power = np.abs(librosa.stft(x, n_fft=WINDOW, hop_length=HOP, window="hann", center=False)) ** 2
mel = librosa.feature.melspectrogram(S=power.astype(np.float64), sr=RATE, n_mels=BANDS)
decibels = librosa.power_to_db(power, ref=np.max, top_db=None, amin=1e-30)
out = {
    "made_by": f"librosa {librosa.__version__}", "rate": RATE, "window": WINDOW, "hop": HOP,
    "samples": [float(v) for v in x], "power": power.T.tolist(), "mel": mel.T.tolist(), "decibels": np.maximum(decibels, -60).T.tolist(),
}
Path(__file__).with_name("spectrum.json").write_text(json.dumps(out, separators=(",", ":")))
