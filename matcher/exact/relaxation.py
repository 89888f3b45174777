"""What a relaxation of lots says about where plans are, whichever method solved it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.problem import Flags

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A lower `bound` (thousandths of micros) and what proves it.

    By activity: whether its solution makes anything (`made`), and what a unit costs at its prices (`guide`). By set-up:
    how far its solution has it `on`, and what it costs with its time at these prices (`paid`). By column of the model
    what one more costs at them (`reduced`): of a set-up that gains what its arcs do.
    """

    bound: int
    made: Flags
    on: Floats
    guide: Floats
    paid: Floats
    reduced: Floats
