"""The base of every view: the REST framework's, releasing what it holds once it has answered.

View, request and answer refer to each other in cycles, and with them to a whole graph. Left to the garbage collector,
they make every request wait 50 ms and more when it runs. (The class has no docstring: the API's document would
repeat it in every operation.)
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework import views


class APIView(views.APIView):
    # Whether an answer may hold a token, a code or another secret; then none is compressed: kubeorch/web/compression.py
    answers_secret: ClassVar[bool] = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
            response.may_compress = not self.answers_secret  # type: ignore[attr-defined]
            return response
        finally:
            getattr(self.request, "parser_context", {}).clear()
            self.__dict__.clear()
