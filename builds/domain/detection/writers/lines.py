"""Lines of a Dockerfile. Whatever was taken from a repository comes in here, and can be nothing but what it stands for.

A command is one line for a shell (`Plan` has checked that). It stands in shell form where no character of it means
anything to the parser of Dockerfiles, and in a JSON array of printable ASCII otherwise: BuildKit looks for
here-documents, continuations and variables in neither. The first line is a comment, so that no later one is a parser
directive. Source: BuildKit, `frontend/dockerfile/parser` (canContainHeredoc, ParseDirective).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from builds.domain.detection.plan import Plan, PlanInvalid

HEAD = "# Written by KubeOrch from what the repository holds. No file of the repository was changed."
USER = 10001
"""Of images that have no user of their own but root."""
NGINX = "nginx:1.28"
NGINX_USER = 101
"""Source: nginx's own image, `useradd --system --uid 101`."""
_PLAIN = re.compile(r"[A-Za-z0-9_./(][ -\[\]-~]*", re.ASCII)
_WORDS = re.compile(r"[A-Za-z0-9_@%+,./:-][A-Za-z0-9_@%+=:,./-]*(?: +[A-Za-z0-9_@%+=:,./-]+)*", re.ASCII)
_TWO_COMMANDS = re.compile(r"[;&|(){}<>]")
_STARTS_A_PROGRAM = re.compile(
    r"(?!(?:cd|export|set|exec|source|if|for|while|case|eval|trap|\.)\b)[A-Za-z0-9_./-]+(?:\s|\Z)", re.ASCII
)


def image_of(name: str, version: str, suffix: str = "") -> str:
    """An official image with its tag. Raises PlanInvalid for what is not a version."""
    if not re.fullmatch(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,2}", version, re.ASCII):
        raise PlanInvalid("a version is a number as in 22 or 3.13", field="plan.version")
    return f"{name}:{version}{suffix}"


def run(command: str, *, caches: Sequence[str] = (), secrets: Sequence[str] = ()) -> list[str]:
    """A step, with folders that are kept between builds, and secrets that only this step sees."""
    mounts = [f"--mount=type=cache,target={cache},sharing=locked" for cache in caches]
    mounts += [f"--mount=type=secret,id={name},env={name}" for name in secrets]
    plain = _PLAIN.fullmatch(command) and "<<" not in command
    body = command if plain else json.dumps(["/bin/sh", "-c", command])
    return ["RUN " + " \\\n    ".join([*mounts, body])]


def cmd(command: str) -> str:
    """What the container starts. A shell is put before it only where it needs one, and then gives way to it."""
    if _WORDS.fullmatch(command) and "=" not in command.split(" ")[0] and _STARTS_A_PROGRAM.match(command):
        return f"CMD {json.dumps(command.split())}"
    gives_way = not _TWO_COMMANDS.search(command) and _STARTS_A_PROGRAM.match(command)
    return f"CMD {json.dumps(['/bin/sh', '-c', f'exec {command}' if gives_way else command])}"


def copy(files: Sequence[str], to: str) -> list[str]:
    """Files of the context into the folders they lie in, one instruction a folder."""
    by_folder: dict[str, list[str]] = {}
    for path in files:
        by_folder.setdefault(path.rpartition("/")[0], []).append(path)
    return [f"COPY {' '.join(paths)} {to}{folder}{'/' if folder else ''}" for folder, paths in by_folder.items()]


def arguments(plan: Plan) -> list[str]:
    """Build variables: declared, so that the build sees them, and public."""
    return [f"ARG {name}" for name in plan.variables]


def apt(packages: Sequence[str]) -> list[str]:
    if not packages:
        return []
    return [
        "RUN apt-get update \\\n"
        f"    && apt-get install --yes --no-install-recommends {' '.join(sorted(set(packages)))} \\\n"
        "    && rm -rf /var/lib/apt/lists/*"
    ]


def own_user() -> list[str]:
    return [
        f"RUN groupadd --gid {USER} app \\\n"
        f"    && useradd --uid {USER} --gid {USER} --create-home --shell /usr/sbin/nologin app"
    ]


def served(plan: Plan, source: str) -> list[str]:
    """The last stage of a static site. `source` is a COPY without its end."""
    missing = "/index.html" if plan.fallback else "=404"
    return [
        f"FROM {NGINX}",
        "COPY <<'EOF' /etc/nginx/nginx.conf",
        "worker_processes 2;",
        "pid /tmp/nginx.pid;",
        "error_log /dev/stderr warn;",
        "events { worker_connections 1024; }",
        "http {",
        "    include /etc/nginx/mime.types;",
        "    default_type application/octet-stream;",
        "    access_log /dev/stdout;",
        "    client_body_temp_path /tmp/client_body;",
        "    proxy_temp_path /tmp/proxy;",
        "    fastcgi_temp_path /tmp/fastcgi;",
        "    uwsgi_temp_path /tmp/uwsgi;",
        "    scgi_temp_path /tmp/scgi;",
        "    sendfile on;",
        "    gzip on;",
        "    gzip_types text/css application/javascript application/json image/svg+xml;",
        "    server_tokens off;",
        "    server {",
        f"        listen {plan.port};",
        "        root /usr/share/nginx/html;",
        "        absolute_redirect off;",
        f"        location / {{ try_files $uri $uri/index.html $uri.html {missing}; }}",
        "        location ~ /\\.(?!well-known) { return 404; }",
        "    }",
        "}",
        "EOF",
        "RUN rm -rf /usr/share/nginx/html/*",
        f"{source} /usr/share/nginx/html/",
        f"USER {NGINX_USER}:{NGINX_USER}",
        f"EXPOSE {plan.port}",
        'CMD ["nginx", "-g", "daemon off;"]',
    ]
