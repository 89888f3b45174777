"""What was sent, laid out for checking: the objects of a collection, and the children that they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.errors import RowError
from models.domain.wording import with_article
from models.store.batch import Batch, Origin
from models.store.references import resolve

if TYPE_CHECKING:
    from models.store.collection import Collection
    from models.store.shape import Children, Shape

FOREIGN = "forbidden_organisation"
"""The code of the error of a row that is, or would be, another organisation's."""


@dataclass(slots=True)
class Family:
    """A batch of a collection's objects, and the batch of their children; `origin.row` joins the two.

    Attributes:
        parents: by child, its parent's position in `head`.
        positions: by child, its place among its siblings.
    """

    collection: Collection[Any]
    head: Batch
    children: Batch | None = None
    parents: Sequence[int] = ()
    positions: Sequence[int] = ()

    @classmethod
    def of(cls, collection: Collection[Any], objects: Sequence[Any]) -> Family:
        """Lay out objects, with what they leave unsaid filled in."""
        family = cls(collection, Batch.of(objects, tuple(collection.mapper.names)))
        if (children := collection.children) is not None:
            families = [getattr(each, children.field) for each in objects]
            members = [member for each in families for member in each]
            family.parents = [row for row, each in enumerate(families) for _ in each]
            family.positions = [position for each in families for position in range(len(each))]
            origins = [
                Origin(row, (children.field, position))
                for row, position in zip(family.parents, family.positions, strict=True)
            ]
            family.children = Batch.of(members, tuple(children.shape.mapper.names), origins)
        return family

    @property
    def errors(self) -> list[RowError]:
        """What is wrong, in the order of what was sent.

        Of a row that would be another organisation's only that: the rest would tell of what that one has.
        """
        inner = self.children.errors if self.children else []
        found = sorted([*self.head.errors, *inner], key=lambda error: error.row)
        foreign = {error.row for error in found if error.code == FOREIGN}
        return [error for error in found if error.code == FOREIGN or error.row not in foreign]

    def without(self, bad: set[int]) -> Family:
        """Return the family without the objects of some rows that were sent."""
        head = self.head.without(bad)
        if self.children is None:
            return Family(self.collection, head)
        row_at = {origin.row: index for index, origin in enumerate(head.origins)}
        kept = [index for index, origin in enumerate(self.children.origins) if origin.row in row_at]
        parents = [row_at[self.children.origins[index].row] for index in kept]
        positions = [self.positions[index] for index in kept]
        return Family(self.collection, head, self.children.without(bad), parents, positions)

    async def settle(self, connection: AsyncConnection, market: str, owner: str | None) -> None:
        """Fill in market, codes, ids for codes, and what is inherited; note what is wrong with any of it."""
        collection = self.collection
        await _settle(connection, market, collection, self.head)
        if "code" in collection.mapper.names:
            codes = zip(self.head.columns["code"], self.head.columns["id"], strict=True)
            self.head.columns["code"] = [code or key for code, key in codes]
        if owner is not None:
            self._refuse_strangers(owner)
        if self.children is not None and collection.children is not None:
            await _settle(connection, market, collection.children.shape, self.children)
            self._settle_children(collection.children, self.children)

    def _settle_children(self, spec: Children, children: Batch) -> None:
        if not spec.keyed:
            return
        owners = self.head.columns["organisation"]
        children.columns["organisation"] = [owners[parent] for parent in self.parents]
        codes = zip(children.columns["code"], self.positions, strict=True)
        children.columns["code"] = [code or str(position + 1) for code, position in codes]
        seen: set[tuple[int, str]] = set()
        for index, key in enumerate(zip(self.parents, children.columns["code"], strict=True)):
            if key in seen:
                children.refuse(index, "code", "duplicate_code", f"another one has the code {key[1]!r}")
            seen.add(key)

    def _refuse_strangers(self, owner: str) -> None:
        """Refuse what does not belong to the organisation that writes."""
        field = next((names[0] for names in self.collection.inherits.values()), "organisation")
        for row, organisation in enumerate(self.head.columns.get("organisation", [owner] * len(self.head))):
            if organisation not in {owner, None}:
                message = f"this {self.collection.noun} would belong to another organisation than yours"
                self.head.refuse(row, field, FOREIGN, message)


async def _settle(connection: AsyncConnection, market: str, shape: Shape[Any], batch: Batch) -> None:
    """Settle one table's rows."""
    if "market" in shape.mapper.names:
        batch.columns["market"] = [market] * len(batch)
    batch.refuse_unstorable_text()
    if shape.fill is not None:
        shape.fill(batch)
    await resolve(connection, market, shape.references, batch)
    for field, sources in shape.inherits.items():
        _inherit(shape, batch, field, sources)


def _inherit(shape: Shape[Any], batch: Batch, field: str, sources: Sequence[str]) -> None:
    """Copy a field from the first of some references that is there, where it is not given itself."""
    may_be_given = any(reference.field == field for reference in shape.references)
    given = batch.columns[field] if may_be_given else [None] * len(batch)
    named = zip(*(batch.columns[source] for source in sources), strict=True)
    found = list(zip(*(batch.found[source] for source in sources), strict=True))
    refused = {error.row for error in batch.errors}
    for row, names in enumerate(named):
        if not any(names) and batch.origins[row].row not in refused:
            wanted = " or ".join(with_article(source.replace("_", " ")) for source in sources)
            batch.refuse(row, sources[0], "broken_rule", f"give {wanted}")
    batch.columns[field] = [
        own or next((getattr(target, field) for target in targets if target), None)
        for own, targets in zip(given, found, strict=True)
    ]
