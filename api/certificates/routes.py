"""The routes of certificates."""

from __future__ import annotations

from api.certificates.schemas import EXAMPLE, CertificateIn, CertificateOut, CertificateQuery
from api.resources.declaration import Declaration, Examples
from api.resources.routes import router_of
from models.domain.organisations import Role
from models.store.resources import CERTIFICATES

DECLARED = Declaration(
    singular="certificate",
    plural="certificates",
    takes=CertificateIn,
    shows=CertificateOut,
    asks=CertificateQuery,
    stored=CERTIFICATES,
    examples=Examples(
        one=EXAMPLE,
        more=(
            {
                "code": "example-iso9001",
                "site": "example-hall",
                "kind": "ISO9001",
                "valid_from": "2025-06-01",
                "valid_until": "2032-05-31",
            },
        ),
        csv=("site,kind,number,valid_from,valid_until\nexample-depot,GDP,AT-77,2030-01-01,2031-12-31\n"),
        change={"number": "DE-13485-0043"},
    ),
    writers=frozenset({Role.FACTORY}),
)

router = router_of(DECLARED)
