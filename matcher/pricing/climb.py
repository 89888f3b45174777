"""Maximising a smooth concave function over x >= 0: limited-memory BFGS on the variables that are free.

Variables at zero whose gradient points below zero are held there; the others take a quasi-Newton step, projected (the
two-metric projection of Bertsekas, Projected Newton methods for optimization problems with simple constraints, 1982,
with the limited-memory matrix of Nocedal, Updating quasi-Newton matrices with limited storage, 1980). Sums are numpy's
own: a threaded BLAS is slow on vectors of this length, and does not add in the same order twice.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np

from matcher.pricing.relaxation import Reals

MEMORY = 8
SUFFICIENT = 1e-4
"""Armijo's constant."""
HALVINGS = 12
PATIENCE = 3
"""A climb ends after so many steps in a row that gain little."""
MORE = 20
"""Steps by which a climb that still gains much is longer than it was meant to be."""

Function = Callable[[Reals], tuple[float, Reals]]


class Climb:
    """One ascent: where it is, and what it remembers of the curvature."""

    def __init__(self, function: Function, start: Reals) -> None:
        self._function = function
        self.at = np.maximum(start, 0.0)
        self.value, self.gradient = function(self.at)
        self._steps: list[Reals] = []
        self._changes: list[Reals] = []

    def run(self, steps: int, enough: float, worth: float = math.inf) -> Reals:
        """Take so many steps, and MORE at a time while the last MORE have gained `worth` of the value.

        Ends before that when PATIENCE of them in a row gain less than `enough` of the value.
        """
        idle, marked = 0, self.value
        for taken in itertools.count(1):
            before = self.value
            if not self._step():
                break
            idle = idle + 1 if self.value - before <= enough * abs(self.value) else 0
            if idle == PATIENCE:
                break
            if taken % MORE == steps % MORE:
                if taken >= steps and self.value - marked < worth * abs(self.value):
                    break
                marked = self.value
        return self.at

    def _step(self) -> bool:
        """Move to a better point; False where none is found."""
        free = (self.at > 0.0) | (self.gradient > 0.0)
        direction = self._direction(free)
        length = 1.0
        for _ in range(HALVINGS):
            there = np.maximum(self.at + length * direction, 0.0)
            value, gradient = self._function(there)
            if value >= self.value + SUFFICIENT * _dot(self.gradient, there - self.at):
                self._remember(there - self.at, self.gradient - gradient)
                self.at, self.value, self.gradient = there, value, gradient
                return True
            length *= 0.5
        forgotten = bool(self._steps)
        self._steps, self._changes = [], []
        return forgotten

    def _direction(self, free: np.typing.NDArray[np.bool_]) -> Reals:
        """Return the quasi-Newton direction of ascent within the free variables (the two-loop recursion)."""
        ascent = np.where(free, self.gradient, 0.0)
        steps = [np.where(free, step, 0.0) for step in self._steps]
        curvatures = [_dot(step, change) for step, change in zip(steps, self._changes, strict=True)]
        sound = [number for number, curvature in enumerate(curvatures) if curvature > 0.0]
        direction, shares = ascent.copy(), {}
        for number in reversed(sound):
            shares[number] = _dot(steps[number], direction) / curvatures[number]
            direction -= shares[number] * np.where(free, self._changes[number], 0.0)
        direction *= self._first_length(ascent, free, curvatures, sound)
        for number in sound:
            back = _dot(self._changes[number], np.where(free, direction, 0.0)) / curvatures[number]
            direction += (shares[number] - back) * steps[number]
        return direction if _dot(direction, ascent) > 0.0 else ascent

    def _first_length(
        self,
        ascent: Reals,
        free: np.typing.NDArray[np.bool_],
        curvatures: list[float],
        sound: list[int],
    ) -> float:
        if not sound:
            return 0.1 / max(float(np.abs(ascent).max(initial=0.0)), 1e-300)
        change = np.where(free, self._changes[sound[-1]], 0.0)
        return curvatures[sound[-1]] / max(_dot(change, change), 1e-300)

    def _remember(self, step: Reals, change: Reals) -> None:
        if _dot(step, change) <= 0.0:
            return
        self._steps.append(step)
        self._changes.append(change)
        if len(self._steps) > MEMORY:
            del self._steps[0], self._changes[0]


def _dot(left: Reals, right: Reals) -> float:
    return float(np.einsum("i,i->", left, right))
