"""Node and Bun: install by lock file, build, then a server, or files behind nginx."""

from __future__ import annotations

from builds.domain.detection.plan import Plan
from builds.domain.detection.writers.lines import apt, arguments, cmd, copy, image_of, run, served

BUN = "1.3"
PNPM = "10"
USER = 1000
"""Node's and Bun's images have a user of this number."""
INSTALL = {
    "npm": "npm ci",
    "pnpm": "pnpm install --frozen-lockfile",
    "yarn": "yarn install --frozen-lockfile",
    "berry": "yarn install --immutable",
    "bun": "bun install --frozen-lockfile",
}
_CACHE = {
    "npm": "/root/.npm",
    "pnpm": "/root/.local/share/pnpm/store",
    "yarn": "/usr/local/share/.cache/yarn",
    "berry": "/root/.yarn/berry/cache",
    "bun": "/root/.bun/install/cache",
}
_PRUNE = {
    "npm": "npm prune --omit=dev",
    "pnpm": "CI=true pnpm prune --prod --ignore-scripts",
    "yarn": "yarn install --production --ignore-scripts --prefer-offline --frozen-lockfile",
    "bun": "rm -rf node_modules && bun install --production --frozen-lockfile",
}
_YARN_LEFT = 25
"""From this version on, Node's image has no Yarn of its own."""


def write(plan: Plan) -> list[str]:
    image = (
        image_of("oven/bun", plan.tool_version or BUN, "-slim")
        if plan.manager == "bun"
        else image_of("node", plan.version, "-slim")
    )
    folder = f"/app/{plan.app}" if plan.app else "/app"
    programs = "/app/node_modules/.bin" if not plan.app else f"{folder}/node_modules/.bin:/app/node_modules/.bin"
    caches = [_CACHE[plan.manager]]
    lines = [f"FROM {image} AS build", *apt(plan.build_packages), *_manager(plan), "WORKDIR /app"]
    if plan.files:
        lines += copy(plan.files, "./")
    else:
        lines += ["COPY . ."]
    lines += run(plan.install or INSTALL[plan.manager], caches=caches, secrets=plan.secrets)
    if plan.files:
        lines += ["COPY . ."]
    if plan.app:
        lines += [f"WORKDIR {folder}"]
    lines += [f"ENV PATH={programs}:$PATH"]
    lines += arguments(plan)
    if plan.build:
        lines += run(plan.build, secrets=plan.secrets)
    if plan.output:
        return [*lines, "", *served(plan, f"COPY --from=build {folder}/{plan.output}/")]
    if plan.prunes and plan.manager in _PRUNE:
        lines += run(_PRUNE[plan.manager], caches=caches, secrets=plan.secrets)
    return [
        *lines,
        "",
        f"FROM {image}",
        *apt(plan.packages),
        f"ENV NODE_ENV=production HOSTNAME=0.0.0.0 PORT={plan.port}",
        f"ENV PATH={programs}:$PATH",
        *(_manager(plan) if plan.start.startswith(("pnpm ", "yarn ")) else []),
        f"COPY --from=build --chown={USER}:{USER} /app /app",
        f"WORKDIR {folder}",
        f"USER {USER}:{USER}",
        f"EXPOSE {plan.port}",
        cmd(plan.start or "npm start"),
    ]


def _manager(plan: Plan) -> list[str]:
    """What installs the package manager, where the image does not bring it."""
    version = int(plan.version.split(".")[0])
    if plan.manager == "pnpm":
        return [f"RUN npm install --global pnpm@{plan.tool_version or PNPM}"]
    if plan.manager == "berry" or (plan.manager == "yarn" and version >= _YARN_LEFT):
        before = [
            "ENV YARN_NODE_LINKER=node-modules COREPACK_HOME=/usr/local/corepack COREPACK_ENABLE_DOWNLOAD_PROMPT=0"
        ]
        return [*before, "RUN npm install --global --force corepack@0.34 && corepack enable"]
    return []
