"""Chart archives in memory: a `.tgz` of regular files below one folder. Nothing is written anywhere.

Source: Helm docs, "Charts", section "The Chart File Structure".
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from imports.charts.tar import Member, TarBroken, members_of
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place, SourceFile
from imports.intake import wrong_path

FILES_MAX = 2_000
MOST_BYTES = 20_000_000
"""Of all files of a chart together, unpacked."""
DEPTH_MAX = 4
"""Archives in archives: a chart, what it depends on, and so on."""
_STEP = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS


def is_archive(path: str) -> bool:
    return path.lower().endswith((".tgz", ".tar.gz"))


def unpacked(files: Sequence[SourceFile]) -> list[SourceFile]:
    """The files with every archive in a folder `charts`, or at the top, replaced by what is in it.

    A folder of an archive keeps its own name, beside the archive. Raises ImportInvalid at the archive.
    """
    return _Unpacking().files(files)


class _Unpacking:
    """Counts over all archives of one import."""

    def __init__(self) -> None:
        self._left_bytes = MOST_BYTES
        self._left_files = FILES_MAX
        self._left_plain = 2 * MOST_BYTES
        """Of what archives grow to, also where nothing is in them."""

    def files(self, files: Sequence[SourceFile], depth: int = 0) -> list[SourceFile]:
        found: dict[str, SourceFile] = {}
        for file in files:
            folder, _, name = file.path.rpartition("/")
            if is_archive(name) and (not folder or folder.rsplit("/", 1)[-1] == "charts"):
                inner = self._opened(file, folder, depth)
            else:
                self._count(file, len(file.content))
                inner = [file]
            for one in inner:
                if found.setdefault(one.path, one) is not one:
                    raise ImportInvalid(
                        "it is there twice, in an archive as well; leave one out", Place(one.path, 0, 0)
                    )
        return list(found.values())

    def _opened(self, file: SourceFile, folder: str, depth: int) -> list[SourceFile]:
        place = Place(file.path, 0, 0)
        if depth == DEPTH_MAX:
            raise ImportInvalid(f"archives lie more than {DEPTH_MAX} deep in one another", place)
        own: list[SourceFile] = []
        try:
            for member in members_of(self._plain(file.content, place)):
                if len(own) > self._left_files:
                    raise _too_many(place)
                own.append(self._file(member, folder, place))
        except TarBroken as error:
            raise ImportInvalid("this is not an archive of a chart; give a tar packed with gzip", place) from error
        return self.files(own, depth + 1)

    def _plain(self, content: bytes, place: Place) -> bytes:
        """The tar in it. What it grows to is bounded before it is made."""
        engine = zlib.decompressobj(_GZIP)
        found = bytearray()
        try:
            while content and not engine.eof:
                found += engine.decompress(content, _STEP)
                if len(found) > min(MOST_BYTES, self._left_plain):
                    raise _too_large(place)
                content = engine.unconsumed_tail
        except zlib.error as error:
            raise ImportInvalid("this is not an archive of a chart; give a tar packed with gzip", place) from error
        if not engine.eof:
            raise ImportInvalid("the archive is cut off; fetch it again", place)
        self._left_plain -= len(found)
        return bytes(found)

    def _file(self, member: Member, folder: str, place: Place) -> SourceFile:
        name = member.name.removeprefix("./")
        if why := wrong_path(name):
            raise ImportInvalid(f"in it {name[:200]!r} is not a path that a chart may have: {why}", place)
        if not member.is_file:
            raise ImportInvalid(f"in it {name[:200]} is a link or a device; a chart has files alone", place)
        if len(member.content) > self._left_bytes:
            raise _too_large(place)
        return SourceFile(f"{folder}/{name}" if folder else name, member.content)

    def _count(self, file: SourceFile, size: int) -> None:
        self._left_files -= 1
        self._left_bytes -= size
        if self._left_files < 0:
            raise _too_many(Place(file.path, 0, 0))
        if self._left_bytes < 0:
            raise ImportInvalid(
                f"a chart has {MOST_BYTES:,} bytes at most, unpacked; leave out what is not needed",
                Place(file.path, 0, 0),
            )


def _too_many(place: Place) -> ImportInvalid:
    return ImportInvalid(f"a chart has {FILES_MAX:,} files at most", place)


def _too_large(place: Place) -> ImportInvalid:
    return ImportInvalid(f"it unpacks to more than {MOST_BYTES:,} bytes; leave out what is not needed", place)
