from __future__ import annotations

from models.domain import errors
from models.domain.errors import CapweaveError, CyclicBill, DuplicateCode, Refused, RowError, refusal


def everything(kind: type[CapweaveError] = CapweaveError) -> list[type[CapweaveError]]:
    return [kind, *(below for each in kind.__subclasses__() for below in everything(each))]


def test_each_error_has_a_code_of_its_own_and_a_default_message() -> None:
    kinds = [kind for kind in everything() if kind.__module__ == errors.__name__]
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(str(kind()) == (kind.__doc__ or "").splitlines()[0] for kind in kinds)


def test_a_refusal_is_of_the_kind_of_its_errors_where_they_agree() -> None:
    twice = RowError(0, ("code",), "duplicate_code", "code 'a' is taken")
    cycle = RowError(1, ("components", 2, "item"), "cyclic_bill", "a -> a")
    assert type(refusal([twice, twice])) is DuplicateCode
    assert type(refusal([cycle])) is CyclicBill
    assert type(refusal([twice, cycle])) is Refused
    assert str(refusal([cycle])) == "a -> a"
    assert cycle.field == "components.2.item"
