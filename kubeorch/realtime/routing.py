"""WebSocket routes."""

from django.urls import path

from kubeorch.realtime.consumer import LiveConsumer

websocket_urlpatterns = [path("ws/live", LiveConsumer.as_asgi())]
