"""Random streams that depend on their name only, never on the order of the work or on threads."""

from __future__ import annotations

import hashlib

import numpy as np

from seeds.sample_bank.basics.days import Array


def stream(seed: int, *name: object) -> np.random.Generator:
    """The random stream of a purpose; equal seeds and names give equal numbers."""
    text = "|".join(str(part) for part in (seed, *name))
    key = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")
    return np.random.Generator(np.random.Philox(key=key))


def pick(rng: np.random.Generator, shares: list[float], count: int) -> Array:
    """``count`` positions of ``shares``, each as often as its share says."""
    return np.searchsorted(np.cumsum(shares) / np.sum(shares), rng.random(count), side="right").astype(
        np.int8
    )
