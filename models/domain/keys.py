"""API keys: who may speak to the service."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from models.domain.ids import maker
from models.domain.measures import now
from models.domain.organisations import Role

BOUND_ROLES = frozenset({Role.ENTERPRISE, Role.FACTORY, Role.SUPPLIER})
"""Roles that act for one organisation: a key without it cannot be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as the service knows it: never its secret, only the secret's hash."""

    id: str = field(default_factory=maker("key"))
    role: Role
    name: str = ""
    organisation: str | None = None
    created_at: datetime = field(default_factory=now)
    revoked_at: datetime | None = None


def new_secret(role: Role) -> str:
    """Return a secret with 256 bits of chance: `cw_<role>_<43 characters>`."""
    return f"cw_{role.value}_{secrets.token_urlsafe(32)}"


def hashed(secret: str) -> str:
    """Return what is stored of a secret. With 256 bits of chance in it, a fast hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
