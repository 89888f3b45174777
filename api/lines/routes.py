"""The routes of lines."""

from __future__ import annotations

from api.lines.schemas import EXAMPLE, LineIn, LineOut, LineQuery
from api.resources.declaration import Declaration, Examples
from api.resources.routes import router_of
from models.domain.organisations import Role
from models.store.resources import LINES

DECLARED = Declaration(
    singular="line",
    plural="lines",
    takes=LineIn,
    shows=LineOut,
    asks=LineQuery,
    stored=LINES,
    examples=Examples(
        one=EXAMPLE,
        more=({"code": "example-line-2", "site": "example-hall", "name": "Mask line 2"},),
        csv=("code,site,name,fixed_cost\nexample-line-3,example-hall,Gown line,80\n"),
        change={"name": "Mask line 1, fast"},
    ),
    writers=frozenset({Role.FACTORY}),
)

router = router_of(DECLARED)
