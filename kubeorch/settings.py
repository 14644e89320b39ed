"""Settings of every role, read from the environment here. README lists the variables.

Some are read elsewhere, too, where Django is not set up: what `manage.py up` needs of the installation
(`kubeorch/installation.py`), where the sandbox finds its programs (`clusters/sandbox/`), whether the database is behind
TLS (`kubeorch/mongo/__init__.py`), and the fail points of tests (`kubeorch/base/failpoint.py`).
"""

import base64
import ipaddress
import os
import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from kubeorch.base import seal
from kubeorch.base.flags import BadFlag, flag

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR") or ".data").absolute()


def _flag(name: str, default: bool) -> bool:
    try:
        return flag(os.environ, name, default)
    except BadFlag as error:
        raise ImproperlyConfigured(str(error)) from error


def _list(name: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def _networks(name: str) -> list[str]:
    for part in _list(name):
        try:
            ipaddress.ip_network(part, strict=False)
        except ValueError:
            raise ImproperlyConfigured(f"{name} names {part!r}; it takes addresses and networks: 10.0.0.0/8") from None
    return _list(name)


_NAME = r"[A-Za-z0-9](?:[-A-Za-z0-9]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[-A-Za-z0-9]*[A-Za-z0-9])?)*"


def _all_of(name: str, pattern: str, takes: str) -> list[str]:
    for part in _list(name):
        if not re.fullmatch(pattern, part):
            raise ImproperlyConfigured(f"{name} names {part[:100]!r}; it takes {takes}")
    return _list(name)


def _one_of(name: str, default: str, pattern: str, takes: str) -> str:
    """The text is not quoted in the error: it may hold a password."""
    text = os.environ.get(name) or default
    if not re.fullmatch(pattern, text):
        raise ImproperlyConfigured(f"{name} takes {takes}")
    return text


def _choice(name: str, choices: tuple[str, ...], default: str) -> str:
    text = (os.environ.get(name) or default).upper()
    if text not in choices:
        raise ImproperlyConfigured(f"{name} is {text!r}; it takes one of {', '.join(choices)}")
    return text


def _number(name: str, default: int, *, least: int, most: int) -> int:
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most):
        raise ImproperlyConfigured(f"{name} is {text!r}; it takes a whole number from {least} to {most}")
    return int(text)


try:
    _ring = seal.KeyRing.from_text(os.environ.get("KUBEORCH_SECRET_KEY", ""))
except seal.BadSecretKey as error:
    raise ImproperlyConfigured(f"{error}. `manage.py up` keeps one in DATA_DIR by itself.") from error
seal.configure(_ring)
SECRET_KEY = base64.b64encode(_ring.derive("django")).decode()

SANDBOX = _flag("KUBEORCH_SANDBOX", False)
"""Whether a sandbox is on its way; `up` says so to the roles it starts."""
PULSE_FILE = Path(os.environ["KUBEORCH_PULSE"]) if os.environ.get("KUBEORCH_PULSE") else None
"""What this role touches every second, so that `up` sees that it is not halted; `up` sets it."""
DEBUG = _flag("KUBEORCH_DEBUG", False)
HOST = os.environ.get("HOST") or "127.0.0.1"
PORT = _number("PORT", 8000, least=1, most=65535)
_hosts = _all_of(
    "KUBEORCH_HOSTS",
    rf"\*|\.?{_NAME}|\[[0-9A-Fa-f:.]+\]",
    "names without scheme, port and path: kubeorch.example.com",
)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *_hosts]
if HOST not in ("127.0.0.1", "0.0.0.0", "::"):  # noqa: S104  (compared, not bound)
    ALLOWED_HOSTS.append(HOST)
HTTPS = _flag("KUBEORCH_HTTPS", False)
"""Served behind TLS: cookies are Secure and HSTS is sent."""
TRUSTED_PROXIES = _networks("KUBEORCH_TRUSTED_PROXIES")
"""Addresses whose X-Forwarded-For is believed."""
CLUSTER_NETWORKS = _networks("KUBEORCH_CLUSTER_NETWORKS")
"""When given, the only networks in which clusters may be (`10.0.0.0/8,fd00::/8`)."""
SERVICE_ACCOUNT = os.environ.get("KUBEORCH_SERVICE_ACCOUNT") or "/var/run/secrets/kubernetes.io/serviceaccount"
"""Where the token of this server's own pod lies, when it runs in a cluster."""
GIT_NETWORKS = _networks("KUBEORCH_GIT_NETWORKS")
"""Private networks in which git servers and registries may be, beside public addresses."""
BUILD_NETWORKS = _networks("KUBEORCH_BUILD_NETWORKS")
"""Private networks that steps of a Dockerfile reach, beside public addresses."""
BUILD_LOCALLY = _flag("KUBEORCH_BUILD_LOCALLY", False)
"""Whether images are built beside the workers although others reach this server, and steps have its network because
the machine cannot give them one of their own."""
BUILD_SLOTS = int(_one_of("KUBEORCH_BUILD_SLOTS", "2", r"[1-9]|[1-5][0-9]", "a number from 1 to 59: builds at once"))
SBOM_SCANNER = _one_of(
    "KUBEORCH_SBOM_SCANNER",
    "docker.io/docker/buildkit-syft-scanner:stable-1",
    r"[a-zA-Z0-9][-a-zA-Z0-9.:/_@]{0,300}",
    "an image that speaks BuildKit's protocol of scanners",
)
BUILD_IMAGES = _one_of(
    "KUBEORCH_BUILD_IMAGES", "", r"[a-z0-9][-a-z0-9.:/_]{0,300}|", "where images go, as registry.example/team"
).rstrip("/")
BUILDKIT_IMAGE = _one_of(
    "KUBEORCH_BUILDKIT_IMAGE",
    "docker.io/moby/buildkit:v0.34.2-rootless",
    r"[a-z0-9][-A-Za-z0-9.:/_@]{0,300}",
    "an image with rootlesskit, buildkitd and buildctl, as registry.example.com/buildkit:rootless",
)
"""What builds in clusters: made like the rootless image of BuildKit's own."""
EMBEDDED_REGISTRY = _flag("KUBEORCH_EMBEDDED_REGISTRY", False)
"""Whether a registry runs beside this server for images that nobody named a place for; `up` says so to its roles."""
EMBEDDED_REGISTRY_ADDRESS = _one_of(
    "KUBEORCH_EMBEDDED_REGISTRY_ADDRESS",
    "",
    rf"(?:{_NAME}|\[[0-9A-Fa-f:.]{{2,45}}\]):(?:[1-9][0-9]{{0,3}}|[1-5][0-9]{{4}}|6[0-4][0-9]{{3}})|",
    "a host with a port below 65000, as registry.example.com:5000: tokens are given at the next port",
).lower()
if EMBEDDED_REGISTRY_ADDRESS.endswith((":443", ":80")):
    raise ImproperlyConfigured(
        "KUBEORCH_EMBEDDED_REGISTRY_ADDRESS names the port of https or http, which images leave out; take another"
    )
EMBEDDED_REGISTRY_GB = _number("KUBEORCH_EMBEDDED_REGISTRY_GB", 20, least=1, most=100_000)
EMBEDDED_REGISTRY_TEAM_GB = _number("KUBEORCH_EMBEDDED_REGISTRY_TEAM_GB", 0, least=0, most=100_000)
"""Of each team; 0: half of all."""
MAX_WORKFLOWS = _number("KUBEORCH_MAX_WORKFLOWS", 1000, least=1, most=1_000_000)
MAX_ENVIRONMENTS = _number("KUBEORCH_MAX_ENVIRONMENTS", 2000, least=1, most=1_000_000)
MAX_OPEN_RUNS = _number("KUBEORCH_MAX_OPEN_RUNS", 200, least=1, most=100_000)
"""What a team may have at most; a run is open until it ends."""
MAX_VERSIONS = _number("KUBEORCH_MAX_VERSIONS", 1000, least=10, most=100_000)
"""Versions that are kept of a workflow: beyond, the oldest that runs have made and nobody uses are removed."""
MAX_RUNS = _number("KUBEORCH_MAX_RUNS", 500, least=10, most=100_000)
MAX_BUILDS = _number("KUBEORCH_MAX_BUILDS", 50, least=1, most=100_000)
"""Builds that are kept of a source, with their logs, beside those that are in use (`builds.running.retention`)."""
RUN_DAYS = _number("KUBEORCH_RUN_DAYS", 180, least=1, most=3650)
"""Runs that are kept of a workflow, and how long after their end: older ones are removed with their steps and logs."""
IMAGE_RUN_MINUTES = _number("KUBEORCH_IMAGE_RUN_MINUTES", 10, least=1, most=1440)
"""Between two runs of a trigger that watches images."""
CSRF_TRUSTED_ORIGINS = _all_of(
    "KUBEORCH_ORIGINS",
    rf"https?://(?:\*\.)?(?:{_NAME}|\[[0-9A-Fa-f:.]+\])(?::[0-9]{{1,5}})?",
    "addresses with their scheme and no path: https://kubeorch.example.com",
)
CLUSTER_LOG_DAYS = _number("KUBEORCH_CLUSTER_LOG_DAYS", 30, least=1, most=3650)
"""How long an entry of the log of a cluster's connection is kept."""
AUDIT_DAYS = _number("KUBEORCH_AUDIT_DAYS", 180, least=1, most=3650)
"""How long a row of the audit log is kept."""

INSTALLED_APPS = [
    "kubeorch.mongo.contrib.MongoContentTypesConfig",
    "kubeorch.mongo.contrib.MongoAuthConfig",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "kubeorch.accounts",
    "kubeorch",
    "clusters",
    "workflows",
    "imports",
]
MIDDLEWARE = [
    "kubeorch.web.middleware.RequestEdge",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
ROOT_URLCONF = "kubeorch.urls"
ASGI_APPLICATION = "kubeorch.asgi.application"
TEMPLATES: list[dict[str, object]] = []
APPEND_SLASH = False

DATABASES = {
    "default": {
        "ENGINE": "django_mongodb_backend",
        "HOST": _one_of(
            "MONGODB_URI",
            "mongodb://127.0.0.1:27017/?directConnection=true",
            r"mongodb(?:\+srv)?://\S+",
            "an address of MongoDB: mongodb://host:27017/",
        ),
        "NAME": _one_of("MONGODB_DB", "kubeorch", "[-A-Za-z0-9_]{1,38}", "a name of letters, digits, - and _"),
        "OPTIONS": {
            "w": "majority",
            "journal": True,
            "retryWrites": True,
            "serverSelectionTimeoutMS": 5000,
            "connectTimeoutMS": 3000,
            "socketTimeoutMS": 30_000,
            "maxPoolSize": 64,
            "appname": "kubeorch",
        },
    }
}
DATABASE_ROUTERS = ["django_mongodb_backend.routers.MongoRouter"]
DEFAULT_AUTO_FIELD = "django_mongodb_backend.fields.ObjectIdAutoField"
MIGRATION_MODULES = {
    "auth": "kubeorch.mongo_migrations.auth",
    "contenttypes": "kubeorch.mongo_migrations.contenttypes",
}
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["kubeorch.accounts.passwords.ModestArgon2"]
SESSION_ENGINE = "kubeorch.accounts.sessions"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "kubeorch_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "kubeorch_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
DEVICE_COOKIE_NAME = "__Host-device" if HTTPS else "kubeorch_device"
"""Shows that this browser has signed in to an account before; gives access to nothing."""
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "kubeorch.web.problems.csrf_failure"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
"""One request body, in bytes. The largest graph allowed (5,000 nodes) fits well inside."""

STATIC_URL = "/static/"
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATIC_ROOT = FRONTEND_DIST
WHITENOISE_AUTOREFRESH = False
WHITENOISE_USE_FINDERS = False
WHITENOISE_MAX_AGE = 365 * 24 * 3600

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "kubeorch.accounts.authentication.BearerAuthentication",
        "kubeorch.accounts.authentication.BrowserSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["kubeorch.accounts.authentication.SignedIn"],
    "DEFAULT_PARSER_CLASSES": ["kubeorch.web.parsers.BoundedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["kubeorch.web.renderers.OrjsonRenderer"],
    "DEFAULT_SCHEMA_CLASS": "kubeorch.web.openapi.ProblemSchema",
    "EXCEPTION_HANDLER": "kubeorch.web.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "kubeorch.web.renderers.JsonAlways",
}
SPECTACULAR_SETTINGS = {
    "DEFAULT_GENERATOR_CLASS": "kubeorch.web.openapi.Generator",
    "GET_LIB_DOC_EXCLUDES": "kubeorch.web.openapi.bases_without_words",
    "TITLE": "KubeOrch",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "HealthEnum": "workflows.serializers.statuses.HEALTH",
        "RunStateEnum": "workflows.serializers.shapes.RUN_STATES",
        "ClusterStateEnum": "clusters.serializers.clusters.STATES",
        "ConnectionStepEnum": "clusters.serializers.connecting.STEPS",
        "ConnectionStepStateEnum": "clusters.serializers.connecting.STEP_STATES",
        "ClusterAuthEnum": "clusters.serializers.clusters.AUTHS",
        "ClusterLogActionEnum": "clusters.serializers.managing.LOG_ACTIONS",
        "RoleEnum": ["viewer", "editor", "operator", "admin"],
        "ActionEnum": ["apply", "replace", "delete", "keep", "give_back"],
        "ShareRoleEnum": "clusters.serializers.managing.SHARE_ROLES",
        "RunKindEnum": "workflows.domain.run_options.RUN_KINDS",
        "ImportTypeEnum": "imports.serializers.TYPES",
        "ImportStateEnum": "imports.store.STATES",
        "ImportOutcomeEnum": "imports.shapes.OUTCOMES",
        "BuildStateEnum": "builds.serializers.builds.STATES",
        "BuildLogLevelEnum": "builds.serializers.builds.LEVELS",
        "TriedStateEnum": ["untested", "ok", "failed"],
        "RegistryProviderEnum": "builds.serializers.registries.PROVIDERS",
        "GitProviderEnum": "builds.serializers.connections.PROVIDERS",
        "BuilderTypeEnum": "builds.domain.sources.BUILDERS",
        "VariableUsageEnum": "builds.domain.sources.USAGES",
        "FoundTypeEnum": "imports.discovery.FOUND_TYPES",
        "SecretOriginEnum": ["sealed", "generated", "asked"],
        "PlanKindEnum": ["apply", "rollback"],
        "GraphChangeEnum": ["added", "removed", "modified"],
        "MisfitLevelEnum": ["error", "warning"],
        "SignupEnum": ["invite", "open"],
        "DriftStateEnum": ["same", "drifted", "missing", "unknown"],
        "ApprovalStateEnum": ["none", "approved", "refused", "withdrawn"],
        "PlanDecisionStateEnum": ["approved", "refused", "withdrawn"],
        "TriggerTypeEnum": ["schedule", "webhook", "build", "image"],
        "PushOutcomeEnum": "builds.serializers.pushes.OUTCOMES",
    },
}

CHANNEL_LAYERS: dict[str, object] = {}
"""No channel layer: live status goes through the hub (ARCHITECTURE.md, D8)."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname:<7} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["stderr"],
        "level": _choice("KUBEORCH_LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
    },
    "loggers": {
        "django.request": {"level": "ERROR"},
        "daphne": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        "urllib3.connectionpool": {"level": "ERROR"},  # it warns of every stream that is not kept when it ends
        "pymongo": {"level": "WARNING"},
    },
}
