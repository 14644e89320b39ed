"""Files to bring in, and imports of them."""

from __future__ import annotations

from typing import Any

from tests.support.people import Person

SECRET = "correct-horse-battery-of-the-shop"
"""Stands in the files, and must stand nowhere else."""

COMPOSE = """\
name: shop
services:
  web:
    image: nginx:1.27
    ports: ["8080:80"]
    depends_on: [api]
    volumes: ["./conf/nginx.conf:/etc/nginx/nginx.conf:ro"]
  api:
    image: ghcr.io/shop/api:${TAG:-1.0}
    environment:
      DB_PASSWORD: ${DB_PASSWORD}
      DB_HOST: db
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD}
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data: {}
"""
OVERRIDE = """\
services:
  api:
    deploy: {replicas: 2}
  tools:
    image: busybox:1.36
    profiles: [debug]
"""


MANIFESTS = f"""\
apiVersion: v1
kind: Secret
metadata: {{name: shop}}
stringData: {{password: {SECRET}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - name: web
          image: nginx:1.27
          envFrom: [{{secretRef: {{name: shop}}}}]
"""


def files(**texts: str) -> list[dict[str, str]]:
    """Rows of a request, by path."""
    return [{"path": path, "text": text} for path, text in texts.items()]


def shop() -> dict[str, Any]:
    """The source of a project of three services, with an override, a mounted file and a secret in `.env`."""
    texts = {
        "compose.yaml": COMPOSE,
        "compose.override.yaml": OVERRIDE,
        ".env": f"DB_PASSWORD={SECRET}\n",
        "conf/nginx.conf": "events {}\n",
    }
    return {"type": "compose", "files": files(**texts)}


def compose(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "compose", "files": files(**{"compose.yaml": text}), **more}


def an_import(person: Person, source: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = person.post("imports", {"source": source, **more})
    assert answer.status == 201, answer.body
    return dict(answer.body)
