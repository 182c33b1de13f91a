"""Pictures that are no chest film: other radiographs, slices, pages, patterns, photographs.

They are cartoons. The point is breadth: whatever a gate is shown by mistake should lie nearer to
one of these than to a chest.
"""

# ruff: noqa: PLR2004 - a picture is made of numbers; each stands where it is used

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from training.canvas import lattice
from training.geometry import soft
from training.quality.chests import SIZE, frontal

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.geometry import Array

    Painter = Callable[[np.random.Generator, Array, Array], Array]


def other(seed: int, index: int) -> Array:
    """Paint a picture that is no chest film: float32 (SIZE, SIZE) in [0, 1].

    Parameters
    ----------
    seed, index
        The picture's number `index` of the series `seed`; its kind goes by the index.
    """
    rng = np.random.default_rng([seed, index, 22])
    # A frame of its own for each picture: turned, scaled and shifted.
    y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j].astype(np.float32)
    angle = rng.uniform(-np.pi, np.pi) if rng.random() < 0.5 else rng.normal(0, 0.15)
    zoom = rng.uniform(0.6, 1.4)
    u = zoom * (np.cos(angle) * x + np.sin(angle) * y) + rng.normal(0, 0.15)
    v = zoom * (np.cos(angle) * y - np.sin(angle) * x) + rng.normal(0, 0.15)
    picture = _PAINTERS[index % len(_PAINTERS)](rng, u, v)
    if rng.random() < 0.6:
        picture = picture + rng.uniform(0, 0.08) * lattice(rng, 40, SIZE, SIZE)
    if rng.random() < 0.5:
        picture = picture + rng.uniform(0, 0.3) * lattice(rng, int(rng.integers(2, 6)), SIZE, SIZE)
    low, high = np.quantile(picture, [0.005, 0.995])
    grey = np.clip((picture - low) / max(float(high - low), 1e-3), 0, 1) ** rng.uniform(0.5, 1.8)
    return np.asarray(grey, dtype=np.float32)


def _rod(off: Array, half: float) -> Array:
    """Give a bone's profile: bright cortex, paler marrow."""
    return 0.5 * soft(half - np.abs(off), 0.02) + 0.5 * np.exp(
        -(((np.abs(off) - 0.85 * half) / (0.25 * half)) ** 2)
    )


def _flesh(off: Array, half: float) -> Array:
    """Give the profile of a round limb."""
    return np.asarray(np.sqrt(np.clip(1 - (off / half) ** 2, 0, 1)))


def _limb(rng: np.random.Generator, u: Array, v: Array) -> Array:
    wide = rng.uniform(0.25, 0.9)
    picture = rng.uniform(0.3, 0.7) * _flesh(u + rng.uniform(-0.2, 0.2) * v, wide)
    joint = rng.uniform(-0.6, 0.6)
    two = rng.random() < 0.6
    for place in (-0.35, 0.35) if two else (0.0,):
        half = wide * rng.uniform(0.1, 0.24)
        swell = 1 + rng.uniform(0, 1.5) * np.exp(-(((v - joint) / 0.2) ** 2))
        off = (u - place * wide) / swell
        bone = _rod(off, half) * (1 - 0.7 * np.exp(-(((v - joint) / 0.03) ** 2)))
        if rng.random() < 0.35:
            bone = bone * soft(rng.choice([-1, 1]) * (v - joint), 0.05)
        picture = picture + rng.uniform(0.3, 0.8) * bone
    return np.asarray(picture)


def _knee(rng: np.random.Generator, u: Array, v: Array) -> Array:
    picture = 0.5 * _flesh(u, rng.uniform(0.5, 0.9))
    for way in (-1, 1):
        flare = 0.16 + 0.22 * np.exp(-((v / 0.3) ** 2))
        end = soft(way * v - rng.uniform(0.03, 0.08), 0.02)
        picture += 0.6 * end * soft(flare - np.abs(u), 0.03)
    cap = np.hypot(u - rng.uniform(-0.2, 0.2), v + 0.2)
    return np.asarray(picture + 0.2 * soft(0.2 - cap, 0.03))


def _hand(rng: np.random.Generator, u: Array, v: Array) -> Array:
    picture = 0.5 * soft(1 - np.hypot(u / 0.5, (v - 0.35) / 0.5), 0.1)
    for finger in range(5):
        lean = (finger - 2) * rng.uniform(0.12, 0.3)
        off = u - (finger - 2) * 0.2 + lean * v
        seen = soft(v + rng.uniform(0.7, 1.0), 0.05) * soft(0.7 - v, 0.1)
        joints = 0.6 + 0.4 * soft(np.abs(np.mod(v / 0.33, 1) - 0.5) - 0.06, 0.03)
        picture = picture + seen * (0.35 * _flesh(off, 0.11) + 0.5 * _rod(off, 0.05) * joints)
    return np.asarray(picture)


def _skull(rng: np.random.Generator, u: Array, v: Array) -> Array:
    far = np.hypot(u / rng.uniform(0.6, 0.8), v / rng.uniform(0.75, 0.95))
    picture = 0.5 * soft(1 - far, 0.03) + 0.5 * np.exp(-(((far - 0.95) / 0.05) ** 2))
    for side in (-1, 1) if rng.random() < 0.6 else (1,):
        orbit = np.hypot((u - side * 0.27) / 0.18, (v - 0.1) / 0.15)
        picture -= rng.uniform(0.1, 0.35) * soft(1 - orbit, 0.15)
        picture += 0.2 * np.exp(-(((orbit - 1) / 0.15) ** 2))
    jaw = soft(0.3 - np.abs(u), 0.08) * soft(v - 0.5, 0.1)
    teeth = 0.3 * soft(np.sin(u * 40), 0.8) * np.exp(-(((v - 0.62) / 0.07) ** 2)) * jaw
    return np.asarray(picture + 0.25 * jaw + teeth)


def _abdomen(rng: np.random.Generator, u: Array, v: Array) -> Array:
    picture = rng.uniform(0.4, 0.7) * _flesh(u, rng.uniform(0.8, 1.6))
    discs = 0.6 + 0.4 * soft(0.36 - np.abs(np.mod(v / 0.22, 1) - 0.5), 0.15)
    picture = picture + rng.uniform(0.15, 0.4) * soft(0.11 - np.abs(u), 0.03) * discs
    gas = lattice(rng, int(rng.integers(5, 12)), SIZE, SIZE)
    picture -= rng.uniform(0.1, 0.5) * np.clip(gas - 0.5, 0, 1)
    return np.asarray(picture + rng.uniform(0, 0.4) * _wings(u, v - rng.uniform(0.3, 1.0)))


def _wings(u: Array, v: Array) -> Array:
    """Give the wings of a pelvis and the hips below them."""
    bones = np.zeros_like(u)
    for side in (-1, 1):
        t = side * u
        wing = np.hypot((t - 0.42 - 0.3 * v) / 0.28, (v + 0.15) / 0.38)
        bones += 0.5 * soft(1 - wing, 0.1) + 0.4 * np.exp(-(((wing - 1) / 0.1) ** 2))
        bones += 0.6 * soft(0.14 - np.hypot(t - 0.62, v - 0.35), 0.03)
        bones += 0.5 * soft(0.09 - np.abs(t - 0.7 - 0.1 * v), 0.02) * soft(v - 0.4, 0.05)
        ring = np.hypot((t - 0.22) / 0.14, (v - 0.5) / 0.1)
        bones += 0.4 * np.exp(-(((ring - 1) / 0.25) ** 2))
    return bones


def _pelvis(rng: np.random.Generator, u: Array, v: Array) -> Array:
    picture = rng.uniform(0.3, 0.6) * _flesh(u, rng.uniform(0.9, 1.5))
    picture = picture + rng.uniform(0.4, 0.9) * _wings(u, v)
    discs = 0.6 + 0.4 * soft(0.36 - np.abs(np.mod(v / 0.22, 1) - 0.5), 0.15)
    return np.asarray(picture + 0.3 * soft(0.1 - np.abs(u), 0.03) * discs * soft(-v, 0.2))


def _spine(rng: np.random.Generator, u: Array, v: Array) -> Array:
    wide, tall = rng.uniform(0.1, 0.3), rng.uniform(0.16, 0.4)
    off = u - rng.uniform(-0.3, 0.3) * np.sin(v * rng.uniform(0.5, 2.5))
    bodies = soft(0.38 - np.abs(np.mod(v / tall, 1) - 0.5), 0.08)
    picture = rng.uniform(0.2, 0.6) * _flesh(u, rng.uniform(0.4, 1.5))
    picture = picture + rng.uniform(0.4, 0.8) * _rod(off, wide) * (0.35 + 0.65 * bodies)
    behind = soft(0.05 - np.abs(np.mod(v / tall, 1) - 0.5 - off), 0.05)
    return np.asarray(picture + 0.3 * behind * soft(off - wide, 0.02) * soft(0.6 - off, 0.05))


def _slice(rng: np.random.Generator, u: Array, v: Array) -> Array:
    """Paint a transverse slice: a disc with or without two lungs, a vertebra, a couch."""
    far = np.hypot(u / rng.uniform(0.7, 0.95), v / rng.uniform(0.5, 0.85))
    picture = rng.uniform(0.4, 0.8) * soft(1 - far, 0.03)
    if rng.random() < 0.6:
        for side in (-1, 1):
            lung = np.hypot((u - side * 0.36) / 0.25, v / rng.uniform(0.25, 0.45))
            picture *= 1 - rng.uniform(0.7, 1.0) * soft(1 - lung, 0.06)
    else:
        organs = lattice(rng, int(rng.integers(5, 10)), SIZE, SIZE)
        picture = picture + 0.2 * np.sign(organs) * soft(0.9 - far, 0.05)
    picture = picture + 0.4 * soft(0.12 - np.hypot(u, v - 0.42), 0.03)
    picture = picture + 0.2 * np.exp(-(((far - 0.97) / 0.03) ** 2))
    return np.asarray(picture + 0.3 * soft(0.03 - np.abs(v - 0.9 - 0.1 * u * u), 0.02))


def _page(rng: np.random.Generator, u: Array, v: Array) -> Array:
    """Paint lines of words, or a form, dark on white or the other way round."""
    pitch = rng.uniform(0.06, 0.25)
    line = np.floor(v / pitch).astype(int)
    letters = rng.random((97, 64)) < rng.uniform(0.4, 0.8)
    ink = letters[line % 97, np.floor(u * rng.uniform(12, 40)).astype(int) % 64]
    ink = ink & (np.mod(v / pitch, 1) < 0.55) & (np.abs(u) < rng.uniform(0.5, 1.2))
    return np.asarray(1 - ink.astype(np.float32))


def _pattern(rng: np.random.Generator, u: Array, v: Array) -> Array:
    kind = rng.integers(4)
    if kind == 0:
        return np.asarray(np.sign(np.sin(u * rng.uniform(3, 25)) * np.sin(v * rng.uniform(3, 25))))
    if kind == 1:
        return np.asarray(np.sin(np.hypot(u, v) * rng.uniform(3, 30)))
    if kind == 2:
        return np.asarray(np.sin(u * rng.uniform(2, 30) + rng.uniform(0, 3) * v))
    return np.asarray(u * rng.normal() + v * rng.normal() + np.hypot(u, v) * rng.normal())


def _noise(rng: np.random.Generator, u: Array, v: Array) -> Array:
    """Paint noise of any grain, from single pixels to clouds and to 1/f as in landscapes."""
    power = rng.uniform(0, 2.5)
    fy, fx = np.meshgrid(np.fft.fftfreq(SIZE), np.fft.rfftfreq(SIZE), indexing="ij")
    falling = 1 / np.maximum(np.hypot(fx, fy), 1 / SIZE) ** power
    spectrum = np.fft.rfft2(rng.standard_normal((SIZE, SIZE))) * falling
    waves = np.fft.irfft2(spectrum, s=(SIZE, SIZE))
    return np.asarray(waves / waves.std() + rng.normal(0, 0.5) * v + rng.normal(0, 0.2) * u)


def _collage(rng: np.random.Generator, u: Array, v: Array) -> Array:
    """Paint things before each other, as in a photograph: ellipses, boxes, half planes."""
    picture = rng.random() + rng.normal(0, 0.3) * v + 0.1 * _noise(rng, u, v)
    for _ in range(int(rng.integers(2, 14))):
        angle, wide, tall = rng.uniform(0, np.pi), rng.uniform(0.05, 0.8), rng.uniform(0.05, 0.8)
        dx, dy = u - rng.uniform(-1, 1), v - rng.uniform(-1, 1)
        a = (np.cos(angle) * dx + np.sin(angle) * dy) / wide
        b = (np.cos(angle) * dy - np.sin(angle) * dx) / tall
        far = np.hypot(a, b) if rng.random() < 0.5 else np.maximum(np.abs(a), np.abs(b))
        over = soft(1 - far, float(rng.uniform(0.02, 0.5)))
        tone = rng.random() + rng.normal(0, 0.3) * a
        picture = picture * (1 - over) + over * tone
    return np.asarray(picture)


def _shuffled(rng: np.random.Generator, _u: Array, _v: Array) -> Array:
    """Cut a chest into pieces and mix them: its tissues without its order."""
    film, _ = frontal(int(rng.integers(1 << 30)), int(rng.integers(1 << 30)))
    pieces = int(rng.choice([2, 3, 4]))
    side = SIZE // pieces
    tiles = [
        film[r * side : (r + 1) * side, c * side : (c + 1) * side]
        for r in range(pieces)
        for c in range(pieces)
    ]
    order = rng.permutation(len(tiles))
    while (order == np.arange(len(tiles))).mean() > 0.3:
        order = rng.permutation(len(tiles))
    turned = [np.rot90(tiles[int(i)], int(rng.integers(4))) for i in order]
    rows = [np.hstack(turned[r * pieces : (r + 1) * pieces]) for r in range(pieces)]
    return np.asarray(np.vstack(rows))


_PAINTERS: Final[tuple[Painter, ...]] = (
    _limb,
    _abdomen,
    _collage,
    _limb,
    _pelvis,
    _noise,
    _knee,
    _skull,
    _page,
    _hand,
    _spine,
    _pattern,
    _limb,
    _slice,
    _shuffled,
    _collage,
)
