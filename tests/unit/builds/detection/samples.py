"""Repositories as small as they can be, by name: the texts of their files by path."""

# ruff: noqa: E501 - files as they are written
from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from builds.domain.detection.detect import detect
from builds.domain.detection.findings import Findings, Proposal

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "detection"


def found_in(files: Mapping[str, str]) -> Findings:
    return detect({path: len(text.encode("utf-8", "surrogatepass")) for path, text in files.items()}, files.get)


def first_of(files: Mapping[str, str]) -> Proposal:
    return found_in(files).proposals[0]


def package(name: str = "shop", **fields: Any) -> str:
    """A package.json."""
    return json.dumps({"name": name, **fields}, indent=2)


_FLASK = "from flask import Flask\n\napp = Flask(__name__)\n"
_SPRING = (
    "<project>\n  <parent><artifactId>spring-boot-starter-parent</artifactId></parent>\n"
    "  <groupId>org.springframework.boot</groupId>\n  <artifactId>orders</artifactId>\n"
    "  <properties><java.version>17</java.version></properties>\n</project>\n"
)
SAMPLES: dict[str, dict[str, str]] = {
    "python-flask-pip": {
        "requirements.txt": "flask==3.0\ngunicorn\npsycopg2\n",
        "app.py": _FLASK,
        ".python-version": "3.11.4\n",
    },
    "python-flask-factory": {"requirements.txt": "Flask\n", "shop/__init__.py": "def create_app():\n    pass\n"},
    "python-django-whitenoise": {
        "requirements.txt": "Django>=5\ngunicorn\nwhitenoise\n",
        "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")\n',
        "mysite/settings.py": "",
        "mysite/wsgi.py": "",
        "runtime.txt": "python-3.12.7",
    },
    "python-fastapi-uv": {
        "pyproject.toml": '[project]\nname = "api"\nrequires-python = ">=3.11,<3.13"\ndependencies = ["fastapi[standard]"]\n',
        "uv.lock": "version = 1\n",
        "app/__init__.py": "",
        "app/main.py": "from fastapi import FastAPI\n\nservice: FastAPI = FastAPI()\n",
    },
    "python-poetry": {
        "pyproject.toml": '[tool.poetry]\nname = "mail"\n[tool.poetry.dependencies]\npython = "^3.10"\nlitestar = "*"\nuvicorn = "*"\n',
        "poetry.lock": "",
        "src/app.py": "from litestar import Litestar\napp = Litestar([])\n",
    },
    "python-pipenv-procfile": {
        "Pipfile": '[packages]\nflask = "*"\n\n[requires]\npython_version = "3.12"\n',
        "Pipfile.lock": "{}",
        "Procfile": "web: gunicorn --workers 2 wsgi:app --bind 0.0.0.0:$PORT\nworker: python worker.py\n",
        "wsgi.py": _FLASK,
    },
    "python-streamlit": {"requirements.txt": "streamlit\n", "streamlit_app.py": "import streamlit\n"},
    "python-script": {"requirements.txt": "requests\n", "main.py": "serve(port=9123)\n"},
    "python-library": {"pyproject.toml": '[project]\nname = "lib"\n', "lib/__init__.py": "", "tests/test_lib.py": ""},
    "node-express-npm": {
        "package.json": package(
            scripts={"start": "node src/index.js"}, dependencies={"express": "^5"}, engines={"node": ">=18 <23"}
        ),
        "package-lock.json": "{}",
        "src/index.js": "const port = process.env.PORT || 4000;\napp.listen(port);\n",
    },
    "node-express-typescript": {
        "package.json": package(
            scripts={"build": "tsc", "start": "node dist/server.js"},
            dependencies={"express": "5"},
            devDependencies={"typescript": "5"},
        ),
        "package-lock.json": "{}",
        ".nvmrc": "lts/jod\n",
        "src/server.ts": "app.listen(3001)\n",
    },
    "node-vite-npm": {
        "package.json": package(
            scripts={"build": "vite build"}, devDependencies={"vite": "6"}, engines={"node": "22.x"}
        ),
        "package-lock.json": "{}",
        "index.html": "",
        "vite.config.ts": 'export default { build: { outDir: "build/web" } }\n',
        ".env.example": "VITE_API_URL=https://api.example.com\nSECRET_KEY=x\n",
    },
    "node-next-pnpm": {
        "package.json": package(
            scripts={"build": "next build", "start": "next start"},
            dependencies={"next": "15", "react": "19"},
            packageManager="pnpm@9.12.0+sha512.abc",
        ),
        "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
        "next.config.ts": "export default {}\n",
    },
    "node-next-export": {
        "package.json": package(scripts={"build": "next build"}, dependencies={"next": "15"}),
        "yarn.lock": "",
        "next.config.mjs": "export default { output: 'export' }\n",
    },
    "node-nest-yarn": {
        "package.json": package(
            scripts={"build": "nest build", "start": "nest start", "start:prod": "node dist/main"},
            dependencies={"@nestjs/core": "11"},
            devDependencies={"@nestjs/cli": "11"},
        ),
        "yarn.lock": "",
        "src/main.ts": "await app.listen(process.env.PORT ?? 3000);\n",
    },
    "node-angular-berry": {
        "package.json": package(
            scripts={"build": "ng build"}, dependencies={"@angular/core": "19"}, packageManager="yarn@4.5.0"
        ),
        "yarn.lock": "",
        ".yarnrc.yml": "enableTelemetry: false\n",
        "angular.json": json.dumps(
            {
                "projects": {
                    "front": {
                        "projectType": "application",
                        "architect": {"build": {"builder": "@angular/build:application"}},
                    }
                }
            }
        ),
    },
    "node-bun-hono": {
        "package.json": package(scripts={"start": "bun run src/index.ts"}, dependencies={"hono": "4"}),
        "bun.lock": "",
        "src/index.ts": "export default { port: 3000 }\n",
    },
    "node-without-lock": {
        "package.json": package(scripts={"build": "react-scripts build"}, dependencies={"react-scripts": "5"}),
    },
    "node-astro": {
        "package.json": package(scripts={"build": "astro build"}, dependencies={"astro": "5"}),
        "package-lock.json": "{}",
    },
    "node-library": {"package.json": package(main="index.js", scripts={"test": "mocha"}), "lib/a.js": ""},
    "node-workspaces-npm": {
        "package.json": package("shop", workspaces=["apps/*", "packages/*", "!packages/old"], private=True),
        "package-lock.json": "{}",
        "apps/web/package.json": package(
            "@shop/web", scripts={"build": "vite build"}, dependencies={"@shop/ui": "*"}, devDependencies={"vite": "6"}
        ),
        "apps/web/index.html": "",
        "apps/api/package.json": package(
            "@shop/api", scripts={"start": "node server.js"}, dependencies={"fastify": "5"}
        ),
        "apps/api/server.js": "app.listen({ port: 8081 })\n",
        "packages/ui/package.json": package("@shop/ui", scripts={"build": "tsc"}, dependencies={"@shop/tokens": "*"}),
        "packages/tokens/package.json": package("@shop/tokens", scripts={"build": "tsc"}),
        "packages/old/package.json": package("@shop/old", scripts={"start": "node x"}, dependencies={"express": "4"}),
    },
    "node-workspaces-pnpm": {
        "package.json": package("top", private=True),
        "pnpm-workspace.yaml": "packages:\n  - 'services/**'\n",
        "pnpm-lock.yaml": "lockfileVersion: '6.0'\n",
        "services/shop/front/package.json": package(
            "front", scripts={"build": "next build", "start": "next start"}, dependencies={"next": "15"}
        ),
    },
    "go-module": {
        "go.mod": "module example.com/hello\n\ngo 1.26\n\nrequire github.com/gin-gonic/gin v1.10.0\n",
        "go.sum": "",
        "main.go": 'package main\n\nfunc main() { gin.Default().Run(":9090") }\n',
        "templates/index.html": "",
    },
    "go-several-programs": {
        "go.mod": "module example.com/tools\n\ngo 1.16\n\nrequire github.com/mattn/go-sqlite3 v1.14.0\n",
        "cmd/migrate/main.go": "package main\n",
        "cmd/server/main.go": 'package main\n\nvar s = http.Server{Addr: "0.0.0.0:8088"}\n',
        "lib.go": "package tools\n",
    },
    "static-top": {"index.html": "<h1>Hi</h1>", "style.css": ""},
    "static-public": {"README.md": "", "public/index.html": "<h1>Hi</h1>"},
    "java-spring-maven": {
        "pom.xml": _SPRING,
        "src/main/resources/application.properties": "server.port=${PORT:8085}\n",
        "src/main/java/Main.java": "",
    },
    "java-gradle-modules": {
        "settings.gradle.kts": 'rootProject.name = "bank"\ninclude("services:accounts")\n',
        "gradle/wrapper/gradle-wrapper.properties": "distributionUrl=https\\://services.gradle.org/distributions/gradle-8.10.2-bin.zip\n",
        "services/accounts/build.gradle.kts": 'plugins { id("org.springframework.boot") version "3.4.0" }\nkotlin { jvmToolchain(21) }\n',
    },
    "java-quarkus": {
        "pom.xml": "<project><groupId>io.quarkus</groupId><properties><maven.compiler.release>20</maven.compiler.release></properties></project>",
        "src/main/resources/application.properties": "quarkus.http.port=8090\n",
    },
    "ruby-rails": {
        "Gemfile": 'source "https://rubygems.org"\nruby "~> 3.3.0"\ngem "rails", "~> 8.0"\ngem "pg"\ngem "propshaft"\n',
        "Gemfile.lock": "GEM\n",
        "config.ru": "run Rails.application\n",
        "package.json": package(devDependencies={"vite": "6"}, scripts={"build": "vite build"}),
    },
    "ruby-sinatra": {
        "Gemfile": 'gem "sinatra"\ngem "puma"\n',
        "config.ru": "run App\n",
        ".ruby-version": "ruby-3.2.6\n",
    },
    "ruby-jekyll": {
        "Gemfile": 'gem "jekyll"\n',
        "Gemfile.lock": "RUBY VERSION\n   ruby 3.4.1p0\n",
        "_config.yml": "title: x\n",
    },
    "php-laravel": {
        "composer.json": json.dumps(
            {
                "name": "team/shop",
                "require": {"php": "^8.2", "laravel/framework": "^12", "ext-gd": "*", "ext-imagick": "*"},
            },
            indent=1,
        ),
        "composer.lock": "{}",
        "public/index.php": "<?php",
        "artisan": "",
        "package.json": package(devDependencies={"vite": "6"}, scripts={"build": "vite build"}),
    },
    "php-plain": {"index.php": "<?php phpinfo();"},
    "dockerfile-stages": {
        "Dockerfile": (
            "# syntax=docker/dockerfile:1\nARG NODE=22\nFROM node:${NODE}-slim AS build\nARG API_URL\nCOPY package.json ./\n"
            "RUN --mount=type=secret,id=npm_token \\\n    npm ci\nFROM nginx AS prod\nCOPY --from=build /app /app\nEXPOSE 8080/tcp 9090\n"
            'USER 101\nCMD ["nginx"]\nFROM prod AS debug\nUSER root\n'
        ),
        "package.json": package(),
    },
    "dockerfile-context-above": {
        "docker/api/Dockerfile": "FROM python:3.13-slim\nCOPY requirements.txt .\nCOPY src/ src/\nUSER 1000\n",
        "requirements.txt": "",
        "src/x.py": "",
    },
    "compose-and-others": {
        "compose.yaml": "services:\n  web:\n    build: .\n",
        "Dockerfile": "FROM debian:13\nUSER 1\nEXPOSE 80\n",
        "k8s/app.yaml": "apiVersion: v1\nkind: Service\n",
        "charts/shop/Chart.yaml": "name: shop\n",
        "charts/shop/templates/a.yaml": "apiVersion: v1\nkind: Service\n",
        "overlays/prod/kustomization.yaml": "resources: []\n",
    },
    "kubeorch-yaml": {
        "kubeorch.yaml": (
            "version: 1\napps:\n  - name: web\n    root: front\n    port: 3000\n    build: npm run release\n"
            '    language_version: "20"\n    resources: {cpu: 0.25, memory: 512m}\n    health: {path: /healthz, start: 2m}\n'
            "    hosts: [shop.example.com]\n    variables:\n      build: [API_URL]\n      build_secrets: [NPM_TOKEN]\n"
            "      run: {LOG_LEVEL: info, WORKERS: 2}\n    volumes: [{name: data, path: /data}]\n"
            "  - name: cache\n    builder: image\n    image: redis:8.0\n    port: 6379\n"
        ),
        "front/package.json": package(scripts={"start": "node server.js"}, dependencies={"express": "5"}),
        "front/package-lock.json": "{}",
    },
    "kubeorch-yaml-wrong": {
        "kubeorch.yaml": "version: 1\nname: shop\nprot: 80\n",
        "index.html": "",
    },
    "paasdeploy-json": {
        "paasdeploy.json": json.dumps(
            {
                "name": "shop",
                "runtime": "go",
                "build": {"type": "dockerfile", "dockerfile": "./Dockerfile", "context": ".", "args": {"VERSION": "1"}},
                "healthcheck": {"path": "/up", "interval": "10s", "startPeriod": "1m", "retries": 5},
                "port": 9000,
                "hostPort": 80,
                "resources": {"memory": "1g", "cpu": "1.5"},
                "domains": ["shop.example.com"],
                "env": {"A": "1"},
                "replicas": 2,
            },
            indent=2,
        ),
        "Dockerfile": "FROM golang:1.26\nARG VERSION\nUSER 1\n",
    },
    "static-below-others": {
        "site/index.html": "<h1>Hi</h1>",
        "web/package.json": package(scripts={"build": "vite build"}, devDependencies={"vite": "6"}),
        "web/package-lock.json": "{}",
        "web/index.html": "",
        "web/dist/index.html": "",
    },
    "nothing": {"README.md": "# Hi\n", "main.rs": "fn main() {}\n"},
}
