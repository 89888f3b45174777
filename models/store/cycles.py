"""Cycles in a directed graph whose edges are partly old, and known to be without one, and partly new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

Edges = Mapping[str, Sequence[tuple[str, int | None]]]
"""Node -> the nodes that it points to, each with the number of the edge, None for an old one."""


def closing_edges(edges: Edges) -> Iterator[tuple[int, list[str]]]:
    """Yield a new edge of each cycle that a depth-first search meets, and the cycle: its nodes, closed.

    Without the edges that are yielded the search would meet none of these cycles. Linear in the graph.
    """
    done: set[str] = set()
    for root in edges:
        if root in done:
            continue
        path = [root]
        number: dict[str, int | None] = {root: None}  # nodes on the path, with the edge that led there
        rest = [iter(edges[root])]
        while rest:
            for node, edge in rest[-1]:
                if node in number:
                    cycle = path[path.index(node) :]
                    taken = [number[each] for each in cycle[1:]] + [edge]
                    new = next((each for each in reversed(taken) if each is not None), None)
                    if new is not None:
                        yield new, [*cycle, node]
                elif node not in done:
                    path.append(node)
                    number[node] = edge
                    rest.append(iter(edges.get(node, ())))
                    break
            else:
                rest.pop()
                done.add(path[-1])
                del number[path.pop()]
