"""Python: packages in an environment of their own, then the program."""

from __future__ import annotations

from builds.domain.detection.plan import Plan
from builds.domain.detection.writers.lines import USER, apt, arguments, cmd, copy, image_of, own_user, run, served

VENV = "/opt/venv"
_TOOLS = "/opt/tools"
_REQUIREMENTS = {"poetry": "poetry==2.*", "uv": "uv>=0.8,<1", "pipenv": "pipenv>=2025"}
_CACHE = {
    "pip": "/root/.cache/pip",
    "project": "/root/.cache/pip",
    "poetry": "/root/.cache/pypoetry",
    "uv": "/root/.cache/uv",
    "pipenv": "/root/.cache/pip",
}
INSTALL = {
    "pip": "pip install --requirement requirements.txt",
    "project": "pip install .",
    "poetry": "poetry install --only main --no-root --no-interaction",
    "uv": "uv sync --locked --no-dev --no-install-project",
    "pipenv": "pipenv sync",
}


def write(plan: Plan) -> list[str]:
    image = image_of("python", plan.version, "-slim")
    caches = [_CACHE[plan.manager]]
    lines = [
        f"FROM {image} AS build",
        *apt(plan.build_packages),
        "ENV PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore",
        f"RUN python -m venv {VENV}",
    ]
    tool = _REQUIREMENTS.get(plan.manager)
    if tool:
        lines += [f"RUN python -m venv {_TOOLS} && {_TOOLS}/bin/pip install '{tool}'"]
        lines += ["ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy PIPENV_VERBOSITY=-1"]
        lines += [f"ENV UV_PROJECT_ENVIRONMENT={VENV} UV_PYTHON={VENV}/bin/python"]
    lines += [
        f"ENV VIRTUAL_ENV={VENV} PATH={VENV}/bin:{_TOOLS}/bin:$PATH"
        if tool
        else f"ENV VIRTUAL_ENV={VENV} PATH={VENV}/bin:$PATH"
    ]
    lines += ["WORKDIR /app"]
    lines += copy(plan.files, "./") if plan.files else ["COPY . ."]
    lines += run(plan.install or INSTALL[plan.manager], caches=caches, secrets=plan.secrets)
    lines += ["COPY . ."] if plan.files else []
    lines += arguments(plan)
    if plan.build:
        lines += run(plan.build, secrets=plan.secrets)
    folder = f"/app/{plan.app}" if plan.app else "/app"
    if plan.output:
        return [*lines, "", *served(plan, f"COPY --from=build {folder}/{plan.output}/")]
    return [
        *lines,
        "",
        f"FROM {image}",
        *apt(plan.packages),
        *own_user(),
        f"ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT={plan.port} VIRTUAL_ENV={VENV} PATH={VENV}/bin:$PATH",
        f"COPY --from=build {VENV} {VENV}",
        f"COPY --from=build --chown={USER}:{USER} /app /app",
        f"WORKDIR {folder}",
        f"USER {USER}:{USER}",
        f"EXPOSE {plan.port}",
        cmd(plan.start or "python main.py"),
    ]
