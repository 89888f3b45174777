from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models.store.cycles import closing_edges

EDGES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20)


def has_cycle(edges: list[tuple[int, int]]) -> bool:
    """Whether taking away nodes without successors, again and again, leaves any."""
    while True:
        ends = {node for edge in edges for node in edge} - {start for start, _ in edges}
        rest = [edge for edge in edges if edge[1] not in ends]
        if len(rest) == len(edges):
            return bool(rest)
        edges = rest


def as_graph(
    old: list[tuple[int, int]], new: list[tuple[int, int]]
) -> dict[str, list[tuple[str, int | None]]]:
    graph: dict[str, list[tuple[str, int | None]]] = {}
    for number, (start, end) in [(None, edge) for edge in old] + list(enumerate(new)):
        graph.setdefault(str(start), []).append((str(end), number))
    return graph


@given(EDGES)
def test_a_cycle_is_found_exactly_where_there_is_one(edges: list[tuple[int, int]]) -> None:
    found = list(closing_edges(as_graph([], edges)))
    assert bool(found) == has_cycle(edges)
    for number, cycle in found:
        steps = [tuple(map(int, step)) for step in pairwise(cycle)]
        assert cycle[0] == cycle[-1]
        assert set(steps) <= set(edges)
        assert edges[number] in steps


@given(EDGES, EDGES)
def test_only_new_edges_are_blamed(candidates: list[tuple[int, int]], new: list[tuple[int, int]]) -> None:
    old = [(start, end) for start, end in candidates if start < end]
    found = list(closing_edges(as_graph(old, new)))
    assert bool(found) == has_cycle(old + new)
    assert all(0 <= number < len(new) for number, _ in found)
