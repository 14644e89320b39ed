"""Ruby: gems of the bundle, then the program."""

from __future__ import annotations

from builds.domain.detection.plan import Plan
from builds.domain.detection.writers.lines import USER, apt, arguments, cmd, copy, image_of, own_user, run, served

_BUNDLE = "BUNDLE_PATH=/usr/local/bundle BUNDLE_WITHOUT=development:test"
INSTALL = "bundle install --jobs 4 --retry 3"


def write(plan: Plan) -> list[str]:
    image = image_of("ruby", plan.version, "-slim")
    locked = [] if plan.install else ["ENV BUNDLE_FROZEN=1"]
    lines = [
        f"FROM {image} AS build",
        *apt(("build-essential", "git", "libyaml-dev", "pkg-config", *plan.build_packages)),
        f"ENV {_BUNDLE} RAILS_ENV=production RACK_ENV=production",
        *locked,
        "WORKDIR /app",
        *(copy(plan.files, "./") if plan.files else ["COPY . ."]),
        *run(plan.install or INSTALL, caches=["/root/.bundle/cache"], secrets=plan.secrets),
        *(["COPY . ."] if plan.files else []),
        *arguments(plan),
        *(run(plan.build, secrets=plan.secrets) if plan.build else []),
        "",
    ]
    if plan.output:
        return [*lines, *served(plan, f"COPY --from=build /app/{plan.output}/")]
    return [
        *lines,
        f"FROM {image}",
        *apt(plan.packages),
        *own_user(),
        f"ENV {_BUNDLE} RAILS_ENV=production RACK_ENV=production RAILS_LOG_TO_STDOUT=1",
        f"ENV RAILS_SERVE_STATIC_FILES=1 PORT={plan.port}",
        "COPY --from=build /usr/local/bundle /usr/local/bundle",
        f"COPY --from=build --chown={USER}:{USER} /app /app",
        "WORKDIR /app",
        f"USER {USER}:{USER}",
        f"EXPOSE {plan.port}",
        cmd(plan.start or "bundle exec rackup --host 0.0.0.0 --port $PORT"),
    ]
