"""The article's DCGAN on MNIST in PyTorch eager, to hold genlab's against: dcgan.py MNIST_FOLDER OUT [EPOCHS] [SEED] [NGF] [NDF] [SIZE] [INIT] [RATE].

MNIST_FOLDER holds the four gzipped IDX files. As genlab's run has it: digits made larger by the triangle filter, values in [-1, 1],
batches of 64 in a fresh order, the last partial one dropped; INIT "dcgan" is the paper's N(0, 0.02), else PyTorch's own. Prints the
article's line every 50 batches and a JSON line an epoch; OUT gets epoch-N.safetensors with `images`, 2000 samples [2000, SIZE, SIZE, 1] in [0, 1], which
`genlab measure digits` reads.
"""
import gzip
import json
import pathlib
import sys
import time

import numpy
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tests" / "parity"))
from dcgan import Discriminator, Generator  # noqa: E402

BATCH = 64


def digits(path, size):
    raw = numpy.frombuffer(gzip.open(path).read(), numpy.uint8, offset=16).reshape(-1, 1, 28, 28)
    return torch.tensor(raw), lambda x: F.interpolate(x.float() / 255, size=(size, size), mode="bilinear", align_corners=False) * 2 - 1


def paper_init(layer):
    if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(layer.weight, 0, 0.02)
    elif isinstance(layer, nn.BatchNorm2d):
        nn.init.normal_(layer.weight, 1, 0.02)


def main():
    folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    epochs, seed, ngf, ndf, size = (int(sys.argv[i]) if len(sys.argv) > i else v for i, v in ((3, 5), (4, 1), (5, 16), (6, 16), (7, 64)))
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    raw, prepare = digits(folder / "train-images-idx3-ubyte.gz", size)
    generator, discriminator = Generator(100, ngf, 1, size), Discriminator(ndf, 1, size)
    if sys.argv[8:9] == ["dcgan"]:
        generator.apply(paper_init)
        discriminator.apply(paper_init)
    criterion = nn.BCELoss()
    rate = float(sys.argv[9]) if len(sys.argv) > 9 else 2e-4
    adam_d = torch.optim.Adam(discriminator.parameters(), lr=rate, betas=(0.5, 0.999))
    adam_g = torch.optim.Adam(generator.parameters(), lr=rate, betas=(0.5, 0.999))
    ones, zeros = torch.ones(BATCH), torch.zeros(BATCH)
    batches = len(raw) // BATCH
    for epoch in range(epochs):
        began = time.perf_counter()
        order = torch.randperm(len(raw))
        for i in range(batches):
            real = prepare(raw[order[i * BATCH : (i + 1) * BATCH]])
            discriminator.zero_grad()
            output = discriminator(real).view(-1)
            err_real = criterion(output, ones)
            err_real.backward()
            d_x = output.mean().item()
            fake = generator(torch.randn(BATCH, 100, 1, 1))
            output = discriminator(fake.detach()).view(-1)
            err_fake = criterion(output, zeros)
            err_fake.backward()
            d_g_z1 = output.mean().item()
            adam_d.step()
            generator.zero_grad()
            output = discriminator(fake).view(-1)
            err_g = criterion(output, ones)
            err_g.backward()
            adam_g.step()
            if i % 50 == 0:
                print(f"[{epoch}/{epochs}][{i}/{batches}] Loss_D: {(err_real + err_fake).item():.4f} Loss_G: {err_g.item():.4f} "
                      f"D(x): {d_x:.4f} D(G(z)): {d_g_z1:.4f} / {output.mean().item():.4f}", flush=True)
        seconds = time.perf_counter() - began
        generator.eval()
        with torch.no_grad():
            samples = torch.cat([generator(torch.randn(500, 100, 1, 1)) for _ in range(4)])
        generator.train()
        save_file({"images": ((samples + 1) / 2).permute(0, 2, 3, 1).contiguous()}, out / f"epoch-{epoch + 1}.safetensors")
        print(json.dumps(dict(epoch=epoch + 1, seconds=round(seconds, 1))), flush=True)


main()
