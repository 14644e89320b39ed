from __future__ import annotations

import pytest

from builds.domain.challenges import Challenge, challenge_of, may_be_sent


def test_a_challenge_is_read_in_every_spelling() -> None:
    full = Challenge("bearer", "https://auth.a.io/token?x=1", "a.io")
    for text in (
        'Bearer realm="https://auth.a.io/token?x=1",service="a.io"',
        'bearer  service="a.io", REALM = "https://auth.a.io/token?x=1",scope="repository:a:pull,push"',
        "Bearer realm=https://auth.a.io/token?x=1,service=a.io",
    ):
        assert challenge_of(text) == full
    assert challenge_of('Basic realm="x"') == Challenge("basic")
    for text in ("", "Negotiate", "Digest realm=x", "bear", "Bearer"):
        assert challenge_of(text) in (None, Challenge("bearer"))
    assert challenge_of("Bearer " + 'a="' * 100_000) == Challenge("bearer")


@pytest.mark.parametrize(
    ("registry", "realm", "may"),
    [
        ("https://registry-1.docker.io", "https://auth.docker.io/token", True),
        ("https://ghcr.io", "https://ghcr.io/token", True),
        ("https://10.0.0.5:5050", "https://10.0.0.5/jwt/auth", True),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5001/token", True),
        ("http://127.0.0.1:5000", "http://127.0.0.2:5001/token", False),
        ("https://ghcr.io", "http://ghcr.io/token", False),
        ("https://registry.example.com", "http://auth.example.com/token", False),
        ("https://ghcr.io", "https://evil.example/token", False),
        ("https://ghcr.io", "https://ghcr.io@evil.example/token", False),
        ("https://ghcr.io", "https://evil.example#ghcr.io", False),
        ("https://ghcr.io", "//evil.example/token", False),
        ("https://ghcr.io", "https://[::1", False),
        ("https://ghcr.io", "https://ghcr.io:x/token", False),
        ("https://ghcr.io", "", False),
        ("https://ghcr.io", "file:///etc/passwd", False),
        ("https://169.254.169.254", "https://169.254.169.253/token", False),
    ],
)
def test_credentials_go_to_a_token_server_of_the_same_site_alone(registry: str, realm: str, may: bool) -> None:
    assert may_be_sent(registry, realm) is may
