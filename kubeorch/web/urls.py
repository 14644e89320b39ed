from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView

from kubeorch.web.renderers import OrjsonRenderer


class SchemaView(SpectacularJSONAPIView):
    """The OpenAPI document of this API, open to anyone: the page's types and scripts are made from it."""

    authentication_classes = ()
    permission_classes = ()
    renderer_classes = (OrjsonRenderer,)


urlpatterns = [path("schema", SchemaView.as_view(), name="schema")]
