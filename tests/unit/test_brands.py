"""Aliases are one brand, however they are spelt; a brand that nobody has is refused with the nearest one."""

from __future__ import annotations

import pytest

from sangfroid.errors import Invalid
from tests.support.desks import TestDesk

SPELT = [
    "Nuage SA",
    "Nuage",
    "nuage",
    "NUAGE  SA",
    "nuage\u00a0sa",
    "Ｎuage",
    " Nuage ",
    "Nuâge",
    "nuage\u200b sa",
]


@pytest.mark.parametrize("brand", SPELT)
def test_an_alias_is_the_brand(brand: str) -> None:
    desk = TestDesk()
    case_id = desk.report()
    assert desk.report(brand=brand) == case_id
    assert desk.desk.casework.read(case_id).case.brand == "Nuage SA"


@pytest.mark.parametrize(
    ("brand", "nearest"),
    [
        ("Nuage Sarl", "Nuage SA"),
        ("Nuag SA", "Nuage SA"),
        ("NuageSA", "Nuage SA"),
        ("Zzz", None),
        ("x" * 200, None),
    ],
)
def test_an_unknown_brand_is_refused_with_the_nearest(brand: str, nearest: str | None) -> None:
    desk = TestDesk()
    with pytest.raises(Invalid) as refused:
        desk.report(brand=brand)
    assert desk.table.items == {}
    assert [fault.pointer for fault in refused.value.errors] == ["/brand"]
    assert "Nuage SA" in refused.value.errors[0].detail
    assert (nearest is not None) == ("Did you mean" in refused.value.detail)
