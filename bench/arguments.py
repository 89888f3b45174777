"""What the benchmarks' command lines accept: numbers in their range, files that are there."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path


def existing_file(name: str) -> Path:
    """Return the path of a file named on the command line; that there is none is said before anything is solved."""
    path = Path(name)
    if not path.is_file():
        raise argparse.ArgumentTypeError(
            f"there is no file {name} (published instances are not in the repository; bench/adapters says whose they are)"
        )
    return path


def seconds(text: str) -> float:
    """Return a time limit."""
    value = _number(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"expected seconds above 0, not {text}")
    return value


def gap(text: str) -> float:
    """Return the gap at which to stop."""
    value = _number(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(
            f"expected a fraction, at least 0 and below 1 (0.01 is one per cent), not {text}"
        )
    return value


def at_least(least: int) -> Callable[[str], int]:
    """Return what reads a whole number that is at least so much."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"expected a whole number, not {text}") from None
        if value < least:
            raise argparse.ArgumentTypeError(f"expected a whole number, at least {least}, not {text}")
        return value

    return read


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, not {text}") from None
