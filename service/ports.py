"""Which port a program listens at."""

from __future__ import annotations

import socket

TRIES = 50


def choose_port(host: str, wanted: int, taken: frozenset[int] = frozenset()) -> int:
    """The wanted port, or the next free one above it; any free one for 0.

    Args:
        host: the address to listen at.
        wanted: the first port to try.
        taken: ports that are promised already though nobody listens yet.
    """
    if wanted == 0:
        return free_port(host)
    for port in range(wanted, min(wanted + TRIES, 65536)):
        if port not in taken and is_free(host, port):
            return port
    return free_port(host)


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(family(host), socket.SOCK_STREAM) as probe:
        # As the servers do: a port whose last connections are only closing counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str) -> int:
    """A port that the system picks."""
    with socket.socket(family(host), socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def family(host: str) -> socket.AddressFamily:
    """IPv6 for an address with colons."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET
