"""Names that people read and go by."""

from __future__ import annotations

import pytest

from kubeorch.base.names import label_from, shows_all, subdomain_from


@pytest.mark.parametrize("name", ["", "shop", "Grüße 世界 🙂", "👨\u200d👩\u200d👧", "می\u200cخواهم", "a - b (c)"])
def test_names_in_any_script_are_accepted(name: str) -> None:
    assert shows_all(name)


@pytest.mark.parametrize(
    "name",
    [
        "a\nb",
        "a\x00b",
        "a\u200db",
        "\u200d",
        "世\u200d",
        "a\u200bb",
        "a\u202eb",
        "a\u2066b",
        "a\u2028b",
        "a\u00adb",
        "\ufeffa",
    ],
)
def test_invisible_and_reordering_characters_are_found_anywhere(name: str) -> None:
    assert not shows_all(name)


@pytest.mark.parametrize(
    ("text", "label"),
    [("Störe 2", "store-2"), ("Straße", "strasse"), ("Æro_ø", "aero-o"), ("日本", "app"), ("ÉCOLE", "ecole")],
)
def test_letters_with_marks_become_plain_ones(text: str, label: str):
    assert label_from(text) == label


@pytest.mark.parametrize(
    ("text", "name"),
    [("shop.conf", "shop.conf"), ("Shop_DB.v2", "shop-db.v2"), ("..", "app"), ("a" * 80, "a" * 80), ("a._.b", "a.b")],
)
def test_the_name_of_an_object_keeps_its_dots(text: str, name: str):
    assert subdomain_from(text) == name
