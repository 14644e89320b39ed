from __future__ import annotations

import pytest

from builds.domain.images import Image, ImageInvalid, host_of, image_of

D = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("nginx", Image("docker.io", "library/nginx")),
        ("nginx:1.27", Image("docker.io", "library/nginx", "1.27")),
        ("acme/web", Image("docker.io", "acme/web")),
        ("index.docker.io/acme/web:a", Image("docker.io", "acme/web", "a")),
        ("docker.io/nginx", Image("docker.io", "library/nginx")),
        ("GHCR.io/acme/web:1", Image("ghcr.io", "acme/web", "1")),
        ("localhost/web", Image("localhost", "web")),
        ("127.0.0.1:5000/a/b/c", Image("127.0.0.1:5000", "a/b/c")),
        ("registry.example.com:443/a", Image("registry.example.com", "a")),
        ("[::1]:5000/a", Image("[::1]:5000", "a")),
        (f"a/b:1.2@{D}", Image("docker.io", "a/b", "1.2", D)),
        (f"a@{D}", Image("docker.io", "library/a", "", D)),
        ("a__b/c---d.e_f", Image("docker.io", "a__b/c---d.e_f")),
    ],
)
def test_a_name_is_read_as_engines_read_it(text: str, image: Image) -> None:
    assert image_of(text) == image
    assert image_of(str(image)) == image


@pytest.mark.parametrize(
    "text",
    [
        *("", ":", "a:", "a@", "a@sha256:0", f"a@md5:{'0' * 32}", "A/b", "a/B", "-a", "a-", "a//b", "/a", "a/"),
        *("a b", "a\nb", "a:b:c", "a:-x", "a:" + "x" * 129, "a..b", "a___b", "a/../b", "http://a.b/c", "a.b:0/c"),
        *("a.b:99999/c", "[::1/a", "a.b:x/c", "ä", "a" * 1001, "a/" + "b" * 256, "user@host.com/a", "$(id)", "a.b./c"),
        *("[:::::]:5000/a", "[1.2.3.4]/a", "[::1::2]/a"),
    ],
)
def test_what_is_no_name_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(ImageInvalid) as refused:
        image_of(text, field="here")
    assert refused.value.problems[0].field == "here"
    assert len(refused.value.detail) < 300


def test_a_long_name_is_read_in_a_time_that_grows_with_it() -> None:
    for text in ("a" * 1000 + "!", "a-" * 500, "a." * 499 + "/", "a:" + "a" * 998, "1.1." * 250 + "/x"):
        with pytest.raises(ImageInvalid):
            image_of(text)


def test_all_names_of_docker_hub_are_one() -> None:
    assert {host_of(one) for one in ("docker.io", "registry-1.docker.io", "Index.Docker.io")} == {"docker.io"}
