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
        (b"not gzip at all", "give a tar packed with gzip"),
        (gzip.compress(b"not a tar at all" * 100), "give a tar packed with gzip"),
        (packed(("shop/Chart.yaml", b"name: shop"))[:-30], "cut off"),
        (packed(("../out.yaml", b"x")), "not a path that a chart may have"),
        (packed(("/etc/passwd", b"x")), "not a path that a chart may have"),
        (packed(("shop/../../x", b"x")), "not a path that a chart may have"),
        (packed(("shop/a\nb", b"x")), "not a path that a chart may have"),
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


def header(kind: bytes, content: bytes = b"", name: str = "shop/x") -> bytes:
    """One member as its blocks, whatever its type."""
    info = special(name, kind)
    info.size = len(content)
    return info.tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % 512)


def sized(size: bytes) -> bytes:
    """A file whose header says that it is so long."""
    block = bytearray(header(tarfile.REGTYPE))
    block[124:136] = size.ljust(12, b"\0")
    block[148:156] = b"%06o\0 " % (sum(block) - sum(block[148:156]) + 8 * 32)
    return bytes(block)


FILE = header(tarfile.REGTYPE, b"a: 1\n", "shop/values.yaml")
RECORDS = b"".join(b"%d k%07d=\n" % (13, number) for number in range(100_000))


@pytest.mark.parametrize(
    "chain",
    [
        header(tarfile.GNUTYPE_LONGNAME, b"shop/values.yaml\0") * 5_000 + FILE,
        header(tarfile.GNUTYPE_LONGLINK, b"x\0") * 5_000 + FILE,
        header(tarfile.XHDTYPE, b"25 path=shop/values.yaml\n") * 5_000 + FILE,
        header(tarfile.XGLTYPE, b"12 comment=\n") * 5_000 + FILE,
        # a copy of these with each member would take gigabytes
        header(tarfile.XGLTYPE, RECORDS) + header(tarfile.DIRTYPE) * 20_000 + FILE,
        header(tarfile.XHDTYPE, RECORDS) + FILE,
    ],
)  # fmt: skip
def test_headers_of_a_tar_cost_what_they_are_long(chain: bytes):
    [file] = unpacked([SourceFile("shop.tgz", gzip.compress(chain, 1))])

    assert (file.path, file.content) == ("shop/values.yaml", b"a: 1\n")


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("name", ["shop/values.yaml", f"shop/{'d' * 90}/{'f' * 60}.yaml", "shop/größe.yaml"])
def test_names_are_read_in_every_form_of_a_tar(form: int, name: str):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=form, encoding="utf-8") as archive:
        folder = special(name.rpartition("/")[0], tarfile.DIRTYPE)
        info = tarfile.TarInfo(name)
        info.size = 3
        archive.addfile(folder)
        archive.addfile(info, io.BytesIO(b"abc"))

    [file] = unpacked([SourceFile("shop.tgz", buffer.getvalue())])

    assert (file.path, file.content) == (name, b"abc")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (header(tarfile.XHDTYPE, b"13 size=9999\n") + FILE, "give a tar packed"),
        (header(tarfile.XHDTYPE, b"11 size=-1\n") + FILE, "give a tar packed"),
        (header(tarfile.XHDTYPE, b"26 GNU.sparse.major=1\n\n\n\n\n" + bytes(99)) + FILE, "give a tar packed"),
        (header(tarfile.XHDTYPE, b"22 GNU.sparse.major=1\n") + FILE, "a link or a device"),
        (header(tarfile.XHDTYPE, b"0 path=x\n") + FILE, "give a tar packed"),
        (header(tarfile.XHDTYPE, b" path=x\n") + FILE, "give a tar packed"),
        (header(tarfile.XHDTYPE, b"17 path=../x\nxxx\n") + FILE, "not a path that a chart may have"),
        (header(tarfile.XHDTYPE, "9 path=².\n".encode()) + FILE, "give a tar packed"),
        (header(tarfile.XGLTYPE, b"10 path=x\n") + FILE, "give a tar packed"),
        (header(tarfile.GNUTYPE_SPARSE, b"x") + FILE, "a link or a device"),
        (header(b"?", b"x") + FILE, "a link or a device"),
        (header(tarfile.GNUTYPE_LONGNAME, b"shop/\xff\xfe\0") + FILE, "not a path that a chart may have"),
        (header(tarfile.GNUTYPE_LONGNAME, b"shop/x\0"), "give a tar packed"),
        (FILE[:300] + b"!" + FILE[301:], "give a tar packed"),
        (FILE[:-508], "give a tar packed"),
        (sized(b"-1000"), "give a tar packed"),
        (sized(b"1_0"), "give a tar packed"),
        (sized(b"\xff" * 12), "give a tar packed"),
        (header(tarfile.XHDTYPE, RECORDS * 4) + FILE, "give a tar packed"),
    ],
)  # fmt: skip
def test_a_tar_that_says_nonsense_is_refused(content: bytes, why: str):
    with pytest.raises(ImportInvalid, match=why):
        unpacked([SourceFile("shop.tgz", gzip.compress(content, 1))])
