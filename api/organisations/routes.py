"""The routes of organisations."""

from __future__ import annotations

from api.organisations.schemas import EXAMPLE, OrganisationIn, OrganisationOut, OrganisationQuery
from api.resources.declaration import Declaration, Examples
from api.resources.routes import router_of
from models.store.resources import ORGANISATIONS

DECLARED = Declaration(
    singular="organisation",
    plural="organisations",
    takes=OrganisationIn,
    shows=OrganisationOut,
    asks=OrganisationQuery,
    stored=ORGANISATIONS,
    examples=Examples(
        one=EXAMPLE,
        more=(
            {
                "code": "example-clinic",
                "name": "Example Clinic",
                "roles": ["enterprise"],
                "country": "AT",
                "region": "north",
            },
        ),
        csv=("code,name,roles,country,region\nexample-fabrics,Example Fabrics,supplier;factory,FR,south\n"),
        change={"region": "lakeside"},
    ),
)

router = router_of(DECLARED)
