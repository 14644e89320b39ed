"""Requests under a name that is not ours: refused with the setting that is missing."""

from __future__ import annotations

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils.html import escape

from kubeorch.web import problems

NAME_SHOWN_MAX = 253
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>KubeOrch: unknown host</title></head>
<body><h1>KubeOrch is not set up for this address</h1><p>{detail}</p></body></html>
"""


def refusal(request: HttpRequest) -> HttpResponse | None:
    """The answer to a request whose Host is none of ours: a page for browsers, else a problem document; None if it is.

    Without this check, links and redirects could be made to lead to a host that somebody else chose.
    """
    try:
        request.get_host()
    except DisallowedHost:
        detail = _cure(request)
        if "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/api/"):
            page = HttpResponse(PAGE.format(detail=escape(detail)), status=400, content_type="text/html; charset=utf-8")
            page.is_worded = True  # type: ignore[attr-defined]
            return page
        return problems.response(400, "host.unknown", detail)
    return None


def _cure(request: HttpRequest) -> str:
    domain, _ = split_domain_port(request.META.get("HTTP_HOST", ""))
    if not domain:
        return "the Host header of this request is not a valid host name"
    name = domain[:NAME_SHOWN_MAX]
    return (
        f"KubeOrch does not know the host name '{name}'. If it is yours, start KubeOrch with KUBEORCH_HOSTS={name}"
        " (several names are separated by commas); until then use the address that it printed at its start."
    )
