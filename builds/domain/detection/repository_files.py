"""Reads `kubeorch.yaml`, our own file by which a repository says how it is built and run, and `paasdeploy.json`.

`kubeorch.yaml` stands at the top:

    version: 1
    apps:
      - name: web                 # a DNS label
        root: services/web        # the context of the build; left out: the top
        builder: written          # dockerfile | written | static | image; left out: what is found
        dockerfile: Dockerfile    # below the root, and target, arguments beside it
        language: node            # of the builder written, as all up to output: instead of what is found
        language_version: "22"
        install: npm ci
        build: npm run build
        start: node server.js
        output: dist              # a folder of finished files, served as a static site
        image: nginx:1.28         # of the builder image
        port: 8080
        variables:
          build: [API_URL]        # names; public, their values are those of the source
          build_secrets: [NPM_TOKEN]
          run: {LOG_LEVEL: info}
        resources: {cpu: 500m, memory: 512Mi}     # 0.5 and 512m are read as Docker does
        health: {path: /healthz, period: 10s, timeout: 2s, failures: 3, start: 60s}
        replicas: 2
        hosts: [shop.example.com]
        volumes: [{name: data, path: /data}]

Fields of one application may stand at the top in place of `apps`. Every field but the name may be left out.
"""

from __future__ import annotations

from collections.abc import Callable

from builds.domain.detection.declared import Declared, DeclaredBuilder, DeclaredVolume, Health
from builds.domain.detection.fields import SECRET_WORDS, Fields, RepositoryFileInvalid
from builds.domain.detection.places import Placed, Unreadable, read_json, read_yaml
from builds.domain.detection.plan import LANGUAGES, is_version
from builds.domain.detection.units import cpu, memory, seconds
from kubeorch.base.names import label_from

OURS = "kubeorch.yaml"
THEIRS = "paasdeploy.json"
APPS_MOST = 50
_APP = (
    "name root builder dockerfile target arguments image language language_version install build start output port "
    "variables resources health replicas hosts volumes"
)
_PAASDEPLOY = "name version workdir runtime build healthcheck port hostPort env resources domains volumes replicas"
_RUNTIMES = {"go": "go", "node": "node", "python": "python", "java": "java", "ruby": "ruby", "php": "php"}
_OTHER_RUNTIMES = ("rust", "dotnet", "elixir", "other")


def read_kubeorch(text: str, path: str = OURS) -> tuple[Declared, ...]:
    """The applications of a kubeorch.yaml. Raises RepositoryFileInvalid."""
    placed = _placed(text, path, read_yaml)
    several = isinstance(placed.value, dict) and "apps" in placed.value
    top = Fields(path, placed, (), placed.value, known="version apps" if several else f"version {_APP}")
    if top.whole("version", 1, 1) != 1:
        raise top.wrong(("version",), "begin the file with version: 1")
    apps = [_app(one) for one in top.each("apps", _APP, APPS_MOST)] if several else [_app(top)]
    names = [one.name for one in apps]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise top.wrong(("apps", number, "name"), f"{name} is there twice; each application has a name of its own")
    if not apps:
        raise top.wrong(("apps",), "name at least one application")
    return tuple(apps)


def _app(one: Fields) -> Declared:
    name = one.name("name")
    if not name:
        raise one.wrong((), "name the application, as in name: web")
    builder: DeclaredBuilder = one.one_of("builder", ("dockerfile", "written", "static", "image"))  # type: ignore[assignment]
    image = one.text("image", most=500)
    if bool(image) != (builder == "image"):
        raise one.wrong(("image" if image else "builder",), "builder: image and the name of an image go together")
    if one.has("dockerfile") and builder not in ("", "dockerfile"):
        raise one.wrong(("dockerfile",), "a Dockerfile is used by builder: dockerfile alone")
    version = str(one.scalar("language_version") or "")
    if version and not is_version(version):
        raise one.wrong(("language_version",), 'language_version is a number in quotes, as in "3.13"')
    variables = one.inside("variables", "build build_secrets run")
    resources = one.inside("resources", "cpu memory")
    health = one.inside("health", "path scheme period timeout failures start")
    return Declared(
        file=one.file,
        name=name,
        root=one.path("root"),
        builder=builder or ("dockerfile" if one.has("dockerfile") else ""),
        dockerfile=one.path("dockerfile"),
        target=one.text("target", most=128),
        arguments=_arguments(one, "arguments"),
        image=image,
        language=one.one_of("language", LANGUAGES),
        version=version,
        install=one.command("install"),
        build=one.command("build"),
        start=one.command("start"),
        output=one.path("output"),
        port=one.whole("port", 1, 65535),
        build_variables=variables.names("build") if variables else (),
        build_secrets=variables.names("build_secrets") if variables else (),
        run_variables=variables.strings("run") if variables else {},
        cpu=(resources and resources.converted("cpu", cpu)) or "",
        memory=(resources and resources.converted("memory", memory)) or "",
        replicas=one.whole("replicas", 1, 1000),
        health=_health(health, period="period", failures="failures", start="start") if health else None,
        hosts=one.hosts("hosts"),
        volumes=tuple(_volume(volume, "path") for volume in one.each("volumes", "name path read_only", 50)),
    )


def read_paasdeploy(text: str, path: str = THEIRS) -> Declared:
    """The application of a paasdeploy.json, with that file's defaults. Raises RepositoryFileInvalid."""
    placed = _placed(text, path, read_json)
    one = Fields(path, placed, (), placed.value, known=_PAASDEPLOY)
    warnings: list[tuple[int, str]] = []
    name = one.name("name")
    if len(name) < 2:
        raise one.wrong(("name",), "name the application in 2 to 63 lower-case letters, digits and dashes")
    build = one.inside("build", "type dockerfile context args target")
    runtime = one.one_of("runtime", (*_RUNTIMES, *_OTHER_RUNTIMES))
    check = one.inside("healthcheck", "path interval timeout retries startPeriod tls")
    resources = one.inside("resources", "memory cpu")
    workdir = one.path("workdir")
    context = build.path("context") if build else ""
    if one.has("hostPort"):
        one.whole("hostPort", 1, 65535)
        warnings.append(
            (one.line("hostPort"), "hostPort is not used: a Service and an Ingress lead to the application")
        )
    volumes = []
    for volume in one.each("volumes", "name source target readOnly", 50):
        volumes.append(_volume(volume, "target"))
    if build:
        build.one_of("type", ("dockerfile",))
    if one.has("domains"):
        warnings.append((one.line("domains"), "domains are proposed; each still has to be shown to be yours"))
    return Declared(
        file=path,
        name=name,
        root="/".join(part for part in (workdir, context) if part),
        builder="dockerfile" if build else "",
        dockerfile=(build.path("dockerfile") if build else "") or ("Dockerfile" if build else ""),
        target=build.text("target", most=128) if build else "",
        arguments=_arguments(build, "args") if build else {},
        language=_RUNTIMES.get(runtime, ""),
        port=one.whole("port", 1, 65535) or 8080,
        run_variables=one.strings("env"),
        cpu=(resources and resources.converted("cpu", cpu)) or "500m",
        memory=(resources and resources.converted("memory", memory)) or "512Mi",
        replicas=one.whole("replicas", 1, 10),
        health=_check(check),
        hosts=one.hosts("domains"),
        volumes=tuple(volumes),
        warnings=tuple(warnings),
    )


def _check(check: Fields | None) -> Health:
    """With the defaults of paasdeploy.json: /health, every 30s, 5s, 3 failures, 10s to begin with."""
    if check is None:
        return Health("/health", "HTTP", 30, 5, 3, 10)
    found = _health(check, period="interval", failures="retries", start="startPeriod", most_failures=10)
    return Health(
        found.path,
        "HTTPS" if check.flag("tls") else "HTTP",
        found.period_s or 30,
        found.timeout_s or 5,
        found.failures or 3,
        found.start_s or 10,
    )


def _health(one: Fields, *, period: str, failures: str, start: str, most_failures: int = 100) -> Health:
    path = one.text("path", most=500) or "/health"
    if not path.startswith("/") or " " in path:
        raise one.wrong(("path",), "path begins with / and has no spaces, as in /healthz")
    scheme = "HTTPS" if period == "period" and one.one_of("scheme", ("HTTP", "HTTPS")) == "HTTPS" else "HTTP"
    return Health(
        path,
        scheme,  # type: ignore[arg-type]
        one.converted(period, seconds) or 0,
        one.converted("timeout", seconds) or 0,
        one.whole(failures, 1, most_failures),
        one.converted(start, seconds) or 0,
    )


def _volume(one: Fields, target: str) -> DeclaredVolume:
    path = one.text(target, most=500)
    if not path.startswith("/") or ".." in path.split("/") or ":" in path:
        raise one.wrong((target,), f"{target} is the path in the container, as in /data")
    source = one.text("source", most=500) if target == "target" else ""
    if source.startswith((".", "/", "~")):
        raise one.wrong(("source",), "a folder of the host is not mounted; leave source out, or give a name")
    name = one.name("name") or label_from(source or path)
    return DeclaredVolume(name, path, one.flag("readOnly" if target == "target" else "read_only"))


def _arguments(one: Fields, key: str) -> dict[str, str]:
    found = one.strings(key)
    for name in found:
        if SECRET_WORDS.search(name):
            raise one.wrong(
                (key, name),
                f"{name} looks like a secret, and build arguments are public; make it a secret of the source",
            )
    return found


def _placed(text: str, path: str, read: Callable[[str], Placed]) -> Placed:
    try:
        return read(text)
    except Unreadable as error:
        raise RepositoryFileInvalid(path, error.why, error.line, error.column) from error
