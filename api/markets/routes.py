"""The routes of markets. Operators make them; everybody reads them."""

from __future__ import annotations

from api.markets.schemas import EXAMPLE, MarketIn, MarketOut, MarketQuery
from api.markets.stored import Markets
from api.resources.declaration import Declaration, Examples
from api.resources.routes import router_of

DECLARED = Declaration(
    singular="market",
    plural="markets",
    takes=MarketIn,
    shows=MarketOut,
    asks=MarketQuery,
    stored=Markets(),
    examples=Examples(
        one=EXAMPLE,
        more=({"code": "example-overseas", "name": "Overseas", "currency": "USD"},),
        csv="code,name,currency,time_zone\nexample-islands,Islands,GBP,Europe/London\n",
        change={"name": "Example market, renamed"},
    ),
)

router = router_of(DECLARED)
