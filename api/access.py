"""Who is asking, and what they may do."""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import Request

from models.domain.errors import Forbidden, Unauthenticated
from models.domain.keys import ApiKey
from models.domain.organisations import Role

EVERYTHING = frozenset({Role.OPERATOR, Role.ADMIN})
"""Roles that see and do everything in this version."""
READERS = frozenset({Role.ENTERPRISE, Role.FACTORY, Role.SUPPLIER, *EVERYTHING})


def bearer_secret(request: Request) -> str:
    """The secret of `Authorization: Bearer ...`.

    Raises:
        Unauthenticated: the header is absent or of another scheme.
    """
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated(
            "Send the header `Authorization: Bearer KEY`; `capweave keys create` makes a key."
        )
    return secret.strip()


def refuse_other_roles(caller: ApiKey, roles: Collection[Role]) -> None:
    """Let pass a caller whose role is among those that may.

    Raises:
        Forbidden: it is not; the message names those that are.
    """
    if caller.role not in roles:
        allowed = ", ".join(sorted(roles))
        raise Forbidden(f"A key of role {caller.role} may not do this; keys of these roles may: {allowed}.")


def visible_to(caller: ApiKey) -> str | None:
    """The organisation whose rows the caller sees; None sees all."""
    return None if caller.role in EVERYTHING else caller.organisation
