"""The base of every view: the REST framework's, which lets go of what it held once it has answered.

View, request and answer otherwise hold one another in rings, each with its graph, until the collector comes; and then
all requests wait for 50 ms and more. (The class has no words of its own, since the API's document would repeat them.)
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework import views


class APIView(views.APIView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
            return response
        finally:
            getattr(self.request, "parser_context", {}).clear()
            self.__dict__.clear()
