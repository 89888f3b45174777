"""Server-sent events (WHATWG HTML, part 9.2), line by line; without input or output."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name and its data."""

    name: str
    data: str


@dataclass(slots=True)
class EventReader:
    """Collects the lines of a stream into events."""

    _name: str = ""
    _data: list[str] = field(default_factory=list)

    def feed(self, line: str) -> Event | None:
        """Take the next line (without its end); an event if this line completes one."""
        if not line:
            return self._complete()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        return None  # comments (heartbeats), ids and retry hints are of no use here

    def _complete(self) -> Event | None:
        event = Event(self._name or "message", "\n".join(self._data)) if self._data else None
        self._name, self._data = "", []
        return event
