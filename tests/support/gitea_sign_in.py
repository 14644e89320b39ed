"""A real identity provider: Gitea over TLS, with a client, and somebody who signs in there in a browser."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.support.gitea import PASSWORD, Gitea, a_gitea
from tests.support.tls_api_server import tls_certificate

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REDIRECT = "http://127.0.0.1:1/signed-in"
"""Where nothing listens: what the browser asks for on its way there is all that is wanted."""

ASKED_OR_SENT_BACK = """() => document.readyState === "complete"
  && (document.querySelector("#authorize-app") !== null || document.querySelector("form") === null)"""


@dataclass(frozen=True, slots=True)
class SignIn:
    """The provider, and the client as which we ask it. `ada` has her address `ada@example.test` there."""

    gitea: Gitea
    authority: Path
    client_id: str
    client_secret: str = field(repr=False)

    @property
    def issuer(self) -> str:
        return self.gitea.url

    @property
    def flags(self) -> list[str]:
        """Of an API server that knows the provider."""
        return [
            f"--oidc-issuer-url={self.issuer}",
            f"--oidc-client-id={self.client_id}",
            "--oidc-username-claim=email",
            f"--oidc-ca-file={self.authority}",
        ]

    def refresh_token(self, browser: Browser) -> str:
        """Of ada, who signs in in a browser and lets the client have it (OpenID Connect Core 1.0, section 3.1)."""
        asked = {"client_id": self.client_id, "redirect_uri": REDIRECT, "response_type": "code", "state": "s"}
        asked["scope"] = "openid email"
        sent = allowed(browser, self.gitea, f"{self.issuer}/login/oauth/authorize?{urlencode(asked)}", back_to=REDIRECT)
        [code] = parse_qs(urlsplit(sent).query)["code"]
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
        given |= {"client_id": self.client_id, "client_secret": self.client_secret}
        request = urllib.request.Request(f"{self.issuer}/login/oauth/access_token", urlencode(given).encode())
        with urllib.request.urlopen(request, timeout=30, context=self.gitea.trusting()) as answer:
            found: dict[str, Any] = json.loads(answer.read())
        return str(found["refresh_token"])


def allowed(browser: Browser, gitea: Gitea, url: str, *, back_to: str) -> str:
    """Where a browser is sent back to, once ada has signed in there and let the client have what it asks for."""
    context = browser.new_context(ignore_https_errors=True)
    try:
        page = context.new_page()
        page.goto(url)
        page.locator("input[name=user_name]").fill(gitea.owner)
        page.locator("input[name=password]").fill(PASSWORD)
        with page.expect_request(f"{back_to}*") as sent_back:
            page.keyboard.press("Enter")
            # Who let it have that before is not asked again. A page that is still being read has no form yet.
            page.wait_for_function(ASKED_OR_SENT_BACK)
            if page.locator("#authorize-app").count():
                page.locator("#authorize-app").click()
        return sent_back.value.url
    finally:
        context.close()


@contextmanager
def a_sign_in(folder: Path) -> Iterator[SignIn]:
    folder.mkdir(parents=True, exist_ok=True)
    authority, key = folder / "authority.pem", folder / "key.pem"
    certificate, private = tls_certificate(1)
    authority.write_bytes(certificate)
    key.write_bytes(private)
    with a_gitea(folder / "gitea", (authority, key)) as gitea:
        wanted = {"name": "kubeorch", "redirect_uris": [REDIRECT], "confidential_client": True}
        made = gitea.call("POST", "user/applications/oauth2", wanted)
        yield SignIn(gitea, authority, made["client_id"], made["client_secret"])
