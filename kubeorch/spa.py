"""The page: one index.html for every path that is not the API."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from workflows.catalog import CATALOG_PATH, catalog_digest_if_known


@csrf_exempt  # whatever changes something is refused, without asking for a token first
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The built index.html; 503 with what to do while the frontend has not been built.

    It names the address of the catalog, once that is loaded, so that the page asks for it without asking where it is.
    """
    try:
        body = (settings.FRONTEND_DIST / "index.html").read_bytes()
    except FileNotFoundError:
        return HttpResponse(
            "The page has not been built yet. Run `make run`, or `npm ci && npm run build` in frontend/.",
            status=503,
            content_type="text/plain; charset=utf-8",
        )
    digest = catalog_digest_if_known()
    if digest is not None:
        named = f'<meta name="catalog" content="{CATALOG_PATH}{digest}"></head>'
        body = body.replace(b"</head>", named.encode(), 1)
    response = HttpResponse(body, content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
