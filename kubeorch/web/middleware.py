"""The outer edge of every request: an id, the source, size limits; on the way out the headers browsers obey."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from kubeorch.web import health, hosts, notices, problems
from kubeorch.web.compression import compress
from kubeorch.web.source import is_untrusted_proxy, source_of

MAX_URL_LENGTH = 8192

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # React Flow and Monaco set style attributes; scripts stay strict
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
API_CONTENT_SECURITY_POLICY = "default-src 'none'; frame-ancestors 'none'"

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class RequestEdge:
    """Outermost middleware. Synchronous on purpose: one hop into the thread that also runs the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = secrets.token_hex(8)
        request.request_id = request_id  # type: ignore[attr-defined]
        request.source = source_of(  # type: ignore[attr-defined]
            request.META.get("REMOTE_ADDR"), request.META.get("HTTP_X_FORWARDED_FOR"), settings.TRUSTED_PROXIES
        )
        self._notice_proxy(request)
        response = self._refusal(request) or self._answer(request)
        if response.status_code >= 400 and self._is_ours_to_word(request, response):
            response = _reworded(response)
        api = request.path.startswith("/api/")
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault(
            "Content-Security-Policy", API_CONTENT_SECURITY_POLICY if api else CONTENT_SECURITY_POLICY
        )
        if api or request.path in health.PROBES:
            response.headers.setdefault("Cache-Control", "no-store")
        if settings.SECURE_HSTS_SECONDS:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}")
        response.headers["X-Request-ID"] = request_id
        compress(request, response)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        probe = health.PROBES.get(request.path)
        return probe(request) if probe is not None else hosts.refusal(request) or self.get_response(request)

    def _notice_proxy(self, request: HttpRequest) -> None:
        """A proxy that is not trusted hides who asks: everybody behind it is one source to the limits on guessing."""
        peer = request.META.get("REMOTE_ADDR")
        if "HTTP_X_FORWARDED_FOR" in request.META and is_untrusted_proxy(peer, settings.TRUSTED_PROXIES):
            notices.note(
                "proxy.untrusted",
                f"requests come through a proxy at {peer} that is not trusted, so all people behind it count as one"
                f" source; if it is yours, set KUBEORCH_TRUSTED_PROXIES={peer}",
            )

    def _refusal(self, request: HttpRequest) -> HttpResponseBase | None:
        if len(request.META.get("QUERY_STRING", "")) + len(request.path) > MAX_URL_LENGTH:
            return problems.response(414)
        if "\x00" in request.path:
            return problems.response(404)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isascii() or not length.isdigit():
            return problems.response(400, "input.content_length", "Content-Length is not a number")
        if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            limit_mb = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2
            return problems.response(413, detail=f"a request body may be {limit_mb} MB at most")
        return None

    def _is_ours_to_word(self, request: HttpRequest, response: HttpResponseBase) -> bool:
        is_worded = getattr(response, "is_worded", False)
        return not is_worded and response.headers.get("Content-Type", "").split(";")[0] != problems.CONTENT_TYPE


def _reworded(response: HttpResponseBase) -> HttpResponseBase:
    """A refusal that Django or a library worded as HTML, in our words; headers that carry meaning stay."""
    kept = {
        name: response.headers[name]
        for name in ("Allow", "Retry-After", "WWW-Authenticate")
        if name in response.headers
    }
    better = problems.response(response.status_code, headers=kept)
    better.cookies = response.cookies
    return better
