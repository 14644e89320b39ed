"""Go: one program, linked without the C library unless it needs it."""

from __future__ import annotations

from builds.domain.detection.plan import Plan
from builds.domain.detection.writers.lines import USER, apt, arguments, cmd, copy, image_of, own_user, run

BASE = "debian:bookworm-slim"
PROGRAM = "/usr/local/bin/app"


def write(plan: Plan) -> list[str]:
    package = f"./{plan.app}" if plan.app else "."
    needs_c = bool(plan.build_packages)
    build = plan.build or f"go build -trimpath -ldflags=-s -o {PROGRAM} {package}"
    return [
        f"FROM {image_of('golang', plan.version)} AS build",
        *apt(plan.build_packages),
        f"ENV CGO_ENABLED={int(needs_c)} GOFLAGS=-buildvcs=false",
        "WORKDIR /src",
        *copy(plan.files, "./"),
        *(run(plan.install or "go mod download", caches=["/go/pkg/mod"], secrets=plan.secrets) if plan.files else []),
        "COPY . .",
        *arguments(plan),
        *run(build, caches=["/go/pkg/mod", "/root/.cache/go-build"], secrets=plan.secrets),
        "",
        f"FROM {BASE}",
        *apt(plan.packages),
        *own_user(),
        f"ENV PORT={plan.port}",
        "COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt",
        f"COPY --from=build {PROGRAM} {PROGRAM}",
        *(f"COPY --chown={USER}:{USER} {path} /app/{path}" for path in plan.assets),
        "WORKDIR /app",
        f"USER {USER}:{USER}",
        f"EXPOSE {plan.port}",
        cmd(plan.start or PROGRAM),
    ]
