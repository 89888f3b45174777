"""The routes of sites."""

from __future__ import annotations

from api.resources.declaration import Declaration, Examples
from api.resources.routes import router_of
from api.sites.schemas import EXAMPLE, SiteIn, SiteOut, SiteQuery
from models.domain.organisations import Role
from models.store.resources import SITES

DECLARED = Declaration(
    singular="site",
    plural="sites",
    takes=SiteIn,
    shows=SiteOut,
    asks=SiteQuery,
    stored=SITES,
    examples=Examples(
        one=EXAMPLE,
        more=(
            {
                "code": "example-depot",
                "organisation": "example-works",
                "name": "Depot",
                "kind": "warehouse",
                "region": "lakeside",
            },
        ),
        csv=(
            "code,organisation,name,kind,region,latitude,longitude\n"
            "example-clinic-store,example-clinic,Clinic store,customer,north,48.2,16.37\n"
        ),
        change={"fixed_cost": "1300"},
    ),
    writers=frozenset({Role.FACTORY}),
)

router = router_of(DECLARED)
