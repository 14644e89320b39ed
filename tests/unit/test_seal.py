import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeorch.base.keys import new_key
from kubeorch.base.seal import BadSecretKey, KeyRing, Unsealable

RING = KeyRing.from_text(new_key())


@given(st.binary(max_size=2000), st.text(max_size=80))
def test_a_sealed_value_opens_in_its_place(plain: bytes, aad: str) -> None:
    assert RING.unseal(RING.seal(plain, aad=aad), aad=aad) == plain


def test_a_sealed_value_moved_elsewhere_does_not_open() -> None:
    blob = RING.seal(b"hunter2", aad="clusters/1/credentials")
    with pytest.raises(Unsealable):
        RING.unseal(blob, aad="clusters/2/credentials")


@given(st.integers(min_value=0, max_value=35))
def test_a_sealed_value_with_a_changed_byte_does_not_open(at: int) -> None:
    blob = bytearray(RING.seal(b"hunter2", aad="a"))
    blob[at % len(blob)] ^= 1
    with pytest.raises(Unsealable):
        RING.unseal(bytes(blob), aad="a")


def test_values_sealed_with_an_older_key_open_after_rotation() -> None:
    old, new = new_key(), new_key()
    blob = KeyRing.from_text(old).seal(b"x", aad="a")
    assert KeyRing.from_text(f"{new},{old}").unseal(blob, aad="a") == b"x"
    with pytest.raises(Unsealable):
        KeyRing.from_text(new).unseal(blob, aad="a")


@pytest.mark.parametrize("text", ["", "  ", "not base64!", base64.b64encode(b"short").decode()])
def test_a_bad_key_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadSecretKey, match="KUBEORCH_SECRET_KEY"):
        KeyRing.from_text(text)


def test_nonces_do_not_repeat() -> None:
    assert len({RING.seal(b"", aad="")[5:17] for _ in range(2000)}) == 2000
