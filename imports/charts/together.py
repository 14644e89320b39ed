"""Random values that belong together are taken over together, or made anew together.

The same text at several places is one value. Certificates belong to whoever signed them, and to the other certificates
and keys of their object. A hash is made of something that stands beside it in its Secret or ConfigMap.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509

from imports.charts.leaves import Leaf, Texts
from imports.charts.lines import blocks, substituted

_HASH = re.compile(r"\$(?:2[abxy]|apr1|[156])\$")
"""A hash of a password, as of bcrypt or htpasswd."""
_SHORT = 6
"""Characters below which two random texts may be the same by chance."""
_UNREADABLE = (ValueError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
"""What the reading of a certificate raises, which may hold anything."""
_HOLDS = frozenset({"Secret", "ConfigMap"})
_EVERY = 500


@dataclass(slots=True, eq=False)
class _One:
    leaf: Leaf
    object_: int
    holds: bool
    texts: Texts | None
    taken: Any = None
    """The value that it gets; None where it stays as it was rendered."""
    is_whole: bool = False
    marks: set[Hashable] = field(default_factory=set)


def settle(objects: Sequence[tuple[str, Sequence[Leaf]]], check: Callable[[], None]) -> set[Leaf]:
    """Write into the documents what is taken over. `objects` are the kind and the random values of each.

    Gives those that had a value before and did not keep it. Raises what `check` raises.
    """
    found: list[_One] = []
    for number, (kind, leaves) in enumerate(objects):
        for leaf in leaves:
            if len(found) % _EVERY == 0:
                check()
            found.append(_One(leaf, number, kind in _HOLDS, leaf.texts()))
    earlier, torn = _taken_over(found)
    hashed = {one.object_ for one in found if one.holds and one.texts is not None and _has_hash(one.texts)}
    for one in found:
        if one.taken is None and one.texts is not None:
            text, whole = substituted(one.texts.now, earlier)
            if whole or text != one.texts.now.filled([piece.one for piece in one.texts.now.random]):
                one.taken = one.texts.value(text)
                one.is_whole = whole and one.taken is not None
        _mark(one, hashed)
    for one in _made_anew(found, torn):
        one.taken, one.is_whole = None, False
    for one in found:
        if one.taken is not None:
            one.leaf.holder[one.leaf.path[-1]], one.leaf.is_taken = one.taken, True
    return {one.leaf for one in found if one.leaf.was_there and not one.is_whole}


def _taken_over(found: Iterable[_One]) -> tuple[Mapping[str, str], set[str]]:
    """What was at each place before is taken. Gives the earlier text of each new one, and those that had several."""
    earlier: dict[str, str] = {}
    torn: set[str] = set()
    for one in found:
        texts = one.texts
        if texts is None or texts.before is None or not one.leaf.is_known or not texts.now.fits(texts.before):
            continue
        if one.leaf.must_say and not _says_whose(texts):
            continue
        pieces = [piece.one for piece in texts.before.random]
        one.taken = texts.value(texts.now.filled(pieces))
        one.is_whole = one.taken is not None
        for piece, then in zip(texts.now.random, pieces, strict=True):
            if len(piece.one) >= _SHORT and earlier.setdefault(piece.one, then) != then:
                torn.add(piece.one)
    return earlier, torn


def _says_whose(texts: Texts) -> bool:
    """Whether an item of a list begins or goes on alike: `--password=…`."""
    return texts.before is not None and texts.now.fixed == texts.before.fixed and any(texts.now.fixed)


def _has_hash(texts: Texts) -> bool:
    return any(_HASH.search(text) for text in (*texts.now.fixed, *(piece.one for piece in texts.now.random)))


def _mark(one: _One, hashed: Collection[int]) -> None:
    """What it has in common with others: a text, or a tuple where it stands and falls with them."""
    if one.object_ in hashed:
        one.marks.add(("object", one.object_))
    for piece in one.texts.now.random if one.texts is not None else ():
        if piece.form[:1] == ("pem",):
            one.marks.add(("pems", one.object_))
            one.marks.update(("signed", name) for name in _signers(piece.one))
        elif len(piece.one) >= _SHORT and not piece.form:
            one.marks.add(piece.one)


def _signers(pem: str) -> set[bytes]:
    """The names by which a certificate is one of a chain; a key has none."""
    found: set[bytes] = set()
    for block in blocks(pem):
        if "CERTIFICATE" not in block.partition("\n")[0]:
            continue
        try:
            read = x509.load_pem_x509_certificate("\n".join(line.strip() for line in block.splitlines()).encode())
            found.add(read.issuer.public_bytes())
            if read.issuer != read.subject and _is_authority(read):
                found.add(read.subject.public_bytes())
        except _UNREADABLE:
            found.add(b"")
    return found


def _is_authority(read: x509.Certificate) -> bool:
    try:
        return read.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _made_anew(found: Sequence[_One], torn: set[str]) -> list[_One]:
    """All that belongs to something that cannot be taken over."""
    of: dict[Hashable, list[_One]] = defaultdict(list)
    for one in found:
        for mark in one.marks:
            of[mark].append(one)
    anew = [one for one in found if _tears(one, torn)]
    reached = {id(one) for one in anew}
    for one in anew:  # grows while it is read
        for mark in one.marks:
            beside = [other for other in of.pop(mark, ()) if id(other) not in reached]
            reached.update(map(id, beside))
            anew += beside
    return anew


def _tears(one: _One, torn: set[str]) -> bool:
    """Whether what belongs to it cannot stay as it was."""
    if torn & one.marks:
        return True
    return not one.is_whole and any(isinstance(mark, tuple) for mark in one.marks)
