from django.urls import path

from kubeorch.realtime import sse

urlpatterns = [path("live", sse.live, name="live")]
