"""Fit the weights of frames/text_map.npz on rendered captions. Takes about four minutes.

    python -m benchmarks.keyframes_fit

Backgrounds and letters are drawn; no meme is used, so that the real ones stay a fair test.
Prints how well letters are told from background on pictures that were not fitted on.
"""

from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image, ImageColor, ImageDraw

import frames.text_map as text_map
from benchmarks.keyframes_render import BACKGROUNDS, HANZI, STYLES, WORDS
from memeprobe.fonts import font

FAMILY = 0  # the benchmark's own seed families are others
PICTURES = 1100
HIDDEN = 32
STEPS = 3000
Sample = tuple[np.ndarray, np.ndarray]


def picture(rng: np.random.Generator) -> Sample:
    """A picture with none to four captions, and a mask of their letters (0 to 255)."""
    size = (int(rng.integers(180, 420)), int(rng.integers(140, 400)))
    ground = background(rng, size)
    mask = np.zeros(ground.shape[:2], np.uint8)
    for _ in range(int(rng.choice([0, 1, 1, 2, 4]))):
        ground, mask = with_caption(rng, ground, mask)
    if rng.random() < 0.3:
        ground = (
            (ground + rng.normal(0, rng.uniform(2, 12), ground.shape[:2])[..., None])
            .clip(0, 255)
            .astype(np.uint8)
        )
    if rng.random() < 0.4:
        colours = int(rng.choice([16, 64, 128, 256]))
        ground = np.asarray(Image.fromarray(ground).quantize(colours).convert("RGB"))
    elif rng.random() < 0.4:
        _, packed = cv2.imencode(
            ".jpg", ground, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 95))]
        )
        ground = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    return ground, mask


def background(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """One or two of the benchmark's grounds, with lines, blots and a change of contrast."""
    names = list(BACKGROUNDS)

    def one() -> np.ndarray:
        return BACKGROUNDS[names[int(rng.integers(len(names)))]](rng, size)(int(rng.integers(300)))

    result = sketch(rng, size) if rng.random() < 0.35 else one()
    if rng.random() < 0.4:
        other, split = one(), int(rng.integers(size[1]))
        result = result.copy()
        result[split:] = other[split:]
    if rng.random() < 0.3:
        result = cv2.addWeighted(result, 0.5, one(), 0.5, 0)
    if rng.random() < 0.5:
        result = np.ascontiguousarray(result)
        for _ in range(int(rng.integers(1, 25))):
            points = (rng.random((int(rng.integers(2, 6)), 2)) * size).astype(np.int32)
            ink = rng.integers(0, 256, 3).tolist() if rng.random() < 0.5 else [0, 0, 0]
            cv2.polylines(result, [points], bool(rng.integers(2)), ink, int(rng.integers(1, 7)))
            centre = (int(rng.integers(size[0])), int(rng.integers(size[1])))
            cv2.circle(result, centre, int(rng.integers(2, 20)), ink, int(rng.choice([-1, 2])))
    if rng.random() < 0.3:
        grey = result.mean(axis=2, keepdims=True)
        keep = rng.random()
        result = (keep * result + (1 - keep) * grey).astype(np.uint8)
    gain, lift = rng.uniform(0.4, 1.2), rng.uniform(-40, 60)
    return (result * gain + lift).clip(0, 255).astype(np.uint8)


def sketch(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """A drawing: outlined and filled shapes, arcs and strokes on a flat or soft ground."""
    picture = np.full((size[1], size[0], 3), rng.integers(160, 256, 3), np.uint8)
    if rng.random() < 0.5:
        picture[:] = 255
    coloured = rng.random() < 0.5
    for _ in range(int(rng.integers(3, 40))):
        ink = rng.integers(0, 256, 3).tolist() if coloured and rng.random() < 0.6 else [0, 0, 0]
        centre = (int(rng.integers(size[0])), int(rng.integers(size[1])))
        axes = (int(rng.gamma(2, 15)) + 2, int(rng.gamma(2, 15)) + 2)
        begin = float(rng.uniform(0, 360))
        arc = begin + float(rng.choice([360, rng.uniform(40, 300)]))
        tilt = float(rng.uniform(0, 180))
        width = int(rng.integers(1, 8))
        if rng.random() < 0.5:
            fill = picture[0, 0].tolist() if rng.random() < 0.5 else ink
            cv2.ellipse(picture, centre, axes, tilt, 0, 360, fill, -1, cv2.LINE_AA)
        cv2.ellipse(picture, centre, axes, tilt, begin, arc, ink, width, cv2.LINE_AA)
    return picture


def with_caption(rng: np.random.Generator, ground: np.ndarray, mask: np.ndarray) -> Sample:
    """Lay one line of letters on the picture, bent and thinned or fattened, with an outline."""
    height, width = mask.shape
    text = (
        "".join(rng.choice(list(HANZI), int(rng.integers(1, 10))))
        if rng.random() < 0.6
        else " ".join(rng.choice(WORDS, int(rng.integers(1, 5))))
    )
    text = text.upper() if rng.random() < 0.5 else text
    points = int(rng.uniform(0.06, 0.22) * height)
    while points > 12 and font(points).getlength(text) > 0.95 * width:
        points -= 1
    sheet = Image.new("L", (width, height))
    left = rng.uniform(0, max(width - font(points).getlength(text), 1))
    ImageDraw.Draw(sheet).text(
        (left, rng.uniform(0, height - 1.4 * points)), text, 255, font(points)
    )
    letters = np.asarray(sheet)
    if rng.random() < 0.3:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-15, 15), 1)
        turn[0, 1] += rng.uniform(-0.3, 0.3)
        letters = cv2.warpAffine(letters, turn, (width, height))
    if rng.random() < 0.4 and points > 14:
        thin = np.ones((2, 2), np.uint8)
        letters = cv2.erode(letters, thin) if rng.random() < 0.7 else cv2.dilate(letters, thin)
    fill, edge = STYLES[int(rng.integers(len(STYLES)))]
    result = ground
    if edge:
        reach = 2 * max(points // 12, 1) + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
        result = blend(result, cv2.dilate(letters, kernel), edge)
    elif rng.random() < 0.7:
        result = result.copy()
        x, y, w, h = cv2.boundingRect(letters)
        panel = "white" if fill in ("black", "red") else "black"
        result[max(y - 4, 0) : y + h + 4, max(x - 4, 0) : x + w + 4] = ImageColor.getrgb(panel)
    return blend(result, letters, fill), np.maximum(mask, letters)


def blend(ground: np.ndarray, mask: np.ndarray, colour: str) -> np.ndarray:
    """Paint ``colour`` where the mask is 255."""
    alpha = mask[..., None].astype(np.float32) / 255
    return (ground * (1 - alpha) + alpha * np.array(ImageColor.getrgb(colour))).astype(np.uint8)


def grids(rng: np.random.Generator, count: int) -> list[Sample]:
    """Per picture: descriptions, and labels (1 letters, 0 none, -1 too little to tell)."""
    found = []
    for _ in range(count):
        pixels, mask = picture(rng)
        description, _ = text_map.describe(pixels)
        share = cv2.resize(mask, description.shape[1::-1], interpolation=cv2.INTER_AREA) / 255
        label = np.where(share > 0.12, 1, np.where(share > 0.02, -1, 0))
        found.append((description, label))
    return found


def flat(inputs: list[np.ndarray], labels: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    """All cells with a sure label, one a row."""
    x = np.concatenate([i.reshape(-1, i.shape[-1]) for i in inputs])
    y = np.concatenate([label.ravel() for label in labels])
    return torch.from_numpy(x[y >= 0]), torch.from_numpy(y[y >= 0])


def fitted(x: torch.Tensor, y: torch.Tensor, hidden: int) -> dict[str, np.ndarray]:
    """Two-layer network by logistic loss; scaling of the inputs is folded into its weights."""
    mean, spread = x.mean(0), x.std(0) + 1e-3
    net = torch.nn.Sequential(
        torch.nn.Linear(x.shape[1], hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 1)
    )
    optimiser = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for _ in range(STEPS):
        batch = torch.randint(len(x), (1024,))
        logits = net((x[batch] - mean) / spread)[:, 0]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, y[batch].float())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    first, second = net[0], net[2]
    return {
        "w1": (first.weight / spread).detach().numpy().T,
        "b1": (first.bias - (first.weight * (mean / spread)).sum(1)).detach().numpy(),
        "w2": second.weight.detach().numpy()[0],
        "b2": second.bias.detach().numpy()[0],
    }


def main() -> None:
    """Render, fit both stages, judge on fresh pictures, write the weights."""
    torch.manual_seed(0)
    pictures = grids(np.random.default_rng([FAMILY, 0]), PICTURES)
    descriptions, labels = [p[0] for p in pictures], [p[1] for p in pictures]
    stages = [fitted(*flat(descriptions, labels), HIDDEN)]
    wider = [text_map.with_context(d, text_map.layer(d, stages[0])) for d in descriptions]
    stages.append(fitted(*flat(wider, labels), HIDDEN))
    target = Path(text_map.__file__).with_name("text_map.npz")
    np.savez(
        target,
        **{
            f"{name}_{n}": w.astype(np.float32)
            for n, s in enumerate(stages)
            for name, w in s.items()
        },
    )
    right = found = there = 0
    for description, label in grids(np.random.default_rng([FAMILY, 1]), PICTURES // 10):
        likely = (text_map.probability(description) > 0.5) & (label >= 0)
        right += (likely & (label == 1)).sum()
        found, there = found + likely.sum(), there + (label == 1).sum()
    print(f"held out: recall {right / there:.3f}, precision {right / found:.3f}")
    print(f"wrote {target}, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
