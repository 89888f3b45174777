"""The routes of labour pools."""

from __future__ import annotations

from api.labour_pools.schemas import EXAMPLE, LabourPoolIn, LabourPoolOut, LabourPoolQuery
from api.resources.declaration import Declaration, Examples
from api.resources.routes import router_of
from models.domain.organisations import Role
from models.store.resources import LABOUR_POOLS

DECLARED = Declaration(
    singular="labour-pool",
    plural="labour-pools",
    takes=LabourPoolIn,
    shows=LabourPoolOut,
    asks=LabourPoolQuery,
    stored=LABOUR_POOLS,
    examples=Examples(
        one=EXAMPLE,
        more=({"code": "example-packers", "site": "example-hall", "name": "Packers", "skill": "packing"},),
        csv=("code,site,name,skill\nexample-cutters,example-hall,Cutters,cutting\n"),
        change={"skill": "sewing and folding"},
    ),
    writers=frozenset({Role.FACTORY}),
)

router = router_of(DECLARED)
