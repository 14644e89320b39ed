"""Archives of charts: what is in them, and what no archive may have."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest

from imports.charts.archive import MOST_BYTES, unpacked
from imports.domain.problems import ImportInvalid
from imports.domain.sources import SourceFile

Member = tuple[str, bytes]


def packed(*members: Member | tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size = len(member[1])
            archive.addfile(info, io.BytesIO(member[1]))
    return buffer.getvalue()


def special(name: str, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    return info


def test_an_archive_becomes_its_files_and_those_in_charts_do_as_well():
    inner = packed(("db/Chart.yaml", b"name: db\n"), ("db/templates/x.yaml", b"x"))
    outer = packed(
        ("shop/Chart.yaml", b"name: shop\n"), ("shop/charts/db-1.tgz", inner), ("shop/data.tgz", b"no chart")
    )

    found = {
        file.path: file.content for file in unpacked([SourceFile("shop-1.tgz", outer), SourceFile("v.yaml", b"a: 1")])
    }

    assert found == {
        "shop/Chart.yaml": b"name: shop\n",
        "shop/charts/db/Chart.yaml": b"name: db\n",
        "shop/charts/db/templates/x.yaml": b"x",
        "shop/data.tgz": b"no chart",
        "v.yaml": b"a: 1",
    }


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"not gzip at all", "must be a tar packed with gzip"),
        (gzip.compress(b"not a tar at all" * 100), "must be a tar packed with gzip"),
        (packed(("shop/Chart.yaml", b"name: shop"))[:-30], "cut off"),
        (packed(("../out.yaml", b"x")), "no path that a chart may have"),
        (packed(("/etc/passwd", b"x")), "no path that a chart may have"),
        (packed(("shop/../../x", b"x")), "no path that a chart may have"),
        (packed(("shop/a\nb", b"x")), "no path that a chart may have"),
        (packed(special("shop/link", tarfile.SYMTYPE)), "a link or a device"),
        (packed(special("shop/link", tarfile.LNKTYPE)), "a link or a device"),
        (packed(special("shop/null", tarfile.CHRTYPE)), "a link or a device"),
        (packed(special("shop/pipe", tarfile.FIFOTYPE)), "a link or a device"),
        (packed(("shop/a", b"1"), ("shop/a", b"2")), "it is there twice"),
        (gzip.compress(bytes(MOST_BYTES + 1024)), "it unpacks to more than"),
        (packed(*((f"shop/{number}", b"") for number in range(2001))), "2,000 files at most"),
    ],
)  # fmt: skip
def test_what_no_chart_has_is_refused_before_it_is_unpacked(content: bytes, why: str):
    with pytest.raises(ImportInvalid, match=why) as refused:
        unpacked([SourceFile("shop.tgz", content)])

    assert str(refused.value).startswith(("shop.tgz: ", "shop/"))


def test_archives_in_archives_end_somewhere():
    content = packed(("a/Chart.yaml", b"x"))
    for _ in range(6):
        content = packed(("a/charts/a.tgz", content))

    with pytest.raises(ImportInvalid, match="4 deep in one another"):
        unpacked([SourceFile("a.tgz", content)])


def test_archives_count_together_also_those_with_nothing_in_them():
    half = packed(("big/data", bytes(MOST_BYTES // 2 + 1)))
    empty = gzip.compress(bytes(MOST_BYTES - 1024))

    for one in (half, empty):
        with pytest.raises(ImportInvalid, match="unpacks to more than"):
            unpacked([SourceFile(f"charts/{name}.tgz", one) for name in ("one", "two", "three")])
