"""What git says when a fetch ends before it should, as git 2.39 and OpenSSH 9 say it."""

from __future__ import annotations

import pytest

from builds.domain.repositories import repository_of
from builds.git.meanings import _TABLE, Meaning, meaning_of

URL = "https://git.example.test/acme/shop.git"
PROGRESS = "remote: Enumerating objects: 12, done.\rremote: Counting objects:  50% (6/12)\n"


def meant(words: str, url: str = URL, ref: str = "main") -> Meaning:
    return meaning_of(words.replace("URL", url), repository_of(url), ref)


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        (f"{PROGRESS}fatal: the remote end hung up unexpectedly\nfatal: early EOF\n", "network"),
        (
            f"{PROGRESS}error: RPC failed; curl 56 GnuTLS recv error (-110): The TLS connection was non-properly "
            "terminated.\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output\n",
            "network",
        ),
        ("fatal: unable to access 'URL/': GnuTLS recv error (-54): Error in the pull function.", "network"),
        ("fatal: unable to access 'URL/': Could not resolve host: git.example.test", "network"),
        (
            "fatal: unable to access 'URL/': Failed to connect to git.example.test port 443: Connection refused",
            "network",
        ),
        ("fatal: unable to access 'URL/': The requested URL returned error: 503", "network"),
        ("fatal: unable to access 'URL/': The requested URL returned error: 429", "network"),
        ("ssh: connect to host git-server port 22: Connection timed out\nfatal: Could not read from remote", "network"),
        ("kex_exchange_identification: Connection closed by remote host", "network"),
        ("fatal: unable to access 'URL/': SSL certificate problem: unable to get local issuer", "certificate"),
        ("fatal: unable to access 'URL/': server certificate verification failed. CAfile: none CRLfile", "certificate"),
        ("fatal: unable to access 'URL/': The requested URL returned error: 403", "forbidden"),
        ("fatal: could not read Username for 'https://git.example.test': terminal prompts disabled", "refused"),
        ("fatal: Authentication failed for 'URL/'", "refused"),
        ("remote: Repository not found.\nfatal: repository 'URL/' not found\n", "denied"),
        ("remote: ERROR: The project you were looking for could not be found\nfatal: Could not read from r", "denied"),
        ("git@git-server: Permission denied (publickey).\nfatal: Could not read from remote repository.", "denied"),
        ("fatal: couldn't find remote ref main\n", "no_ref"),
        ("fatal: remote error: upload-pack: not our ref 5c1e3e1bd8b4a0e5cf4ad2dc6a1b5ab6ce8ec2b9", "no_ref"),
        ("Host key verification failed.\nfatal: Could not read from remote repository.", "host_key"),
        ("fatal: unable to access 'URL/': The requested URL returned error: 302", "elsewhere"),
        ("fatal: URL/info/refs not valid: is this a git repository?", "no_repository"),
        (f"{PROGRESS}fatal: pack has bad object at offset 12: inflate returned -3\n", "damaged"),
        (f"{PROGRESS}error: inflate: data stream error (invalid block type)\nfatal: index-pack failed\n", "damaged"),
        (f"{PROGRESS}fatal: Out of memory, malloc failed\nfatal: early EOF\n", "limits"),
        ("fatal: cannot fork: Resource temporarily unavailable", "machine"),
        (f"{PROGRESS}fatal: something that nobody knows\n", "unknown"),
        ("", "unknown"),
    ],
)
def test_what_git_says_is_understood(words: str, meaning: str) -> None:
    assert meant(words) == meaning


ODD = sorted({phrase.replace(" ", "-").strip("':") for _, phrases in _TABLE for phrase in phrases} | {"object-store"})


@pytest.mark.parametrize("name", ODD)
def test_no_name_of_a_repository_or_branch_changes_that(name: str) -> None:
    bare = "".join(one for one in name if one.isalnum() or one in "-._").strip("-.")
    url = f"https://git.example.test/acme/{bare}.git"
    refused = "fatal: unable to access 'URL/': Failed to connect to git.example.test port 443: Connection refused"
    assert meant(refused, url) == "network"
    assert meant(f"Cloning URL\n{PROGRESS}fatal: the remote end hung up unexpectedly", url) == "network"
    assert meant("fatal: unable to access 'URL/': The requested URL returned error: 404", url) == "denied"
    assert meant(f"fatal: couldn't find remote ref {bare}", ref=bare) == "no_ref"
    assert meant(f"{PROGRESS}remote: {bare} is large\nfatal: early EOF", ref=bare) == "network"
