"""Finds Python that nothing uses, with vulture: `python tests/dead_code.py`. Exit code 1 when there is some.

Production counts as used only by production: a function that only tests call is dead. Tests are looked at after that.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from rooms import ROOMS, ROOT
from vulture import Vulture
from vulture.core import Item

PRODUCTION = (*ROOMS, "deploy", "manage.py")
DOTTED = re.compile(rf"(?:{'|'.join(ROOMS)}|tests)(?:\.\w+)+")


@dataclass(frozen=True, slots=True)
class Used:
    """Names that something outside our Python uses. Patterns as in a shell, several with spaces between them."""

    names: str
    files: str
    by: str


USED = [
    Used("*", "*/migrations/* */mongo_migrations/*", "Django's migrations"),
    Used("*", "kubeorch/settings.py", "Django and its libraries, by name"),
    Used("*", "*/models.py", "Django's ORM: fields and options of models"),
    Used("to_representation get_fields", "*", "the REST framework"),
    Used("arm", "*/failpoint.py", "tests, which is what it is for"),
    Used("*Config default_auto_field", "*/apps.py */contrib.py", "Django, for each of INSTALLED_APPS"),
    Used("urlpatterns handler4?? handler500", "*urls.py", "Django's resolver"),
    Used("Command requires_system_checks add_arguments", "*/commands/*", "manage.py"),
    Used("get post put patch delete *_classes", "*/views/* */views.py */urls.py", "the REST framework's dispatch"),
    Used("authenticate authenticate_header has_permission is_authenticated", "*/accounts/*", "the REST framework"),
    Used("_reject", "*/authentication.py", "Django's CSRF check"),
    Used("SessionStore _session_key modified clear_expired backend", "*/accounts/*", "Django's sessions and login"),
    Used("*_cost parallelism _meta get_field", "*/passwords.py", "Django's hasher and its check of similarity"),
    Used("render_style accepted_media_type select_* format_suffix", "*/renderers.py", "the REST framework"),
    Used("*Scheme target_class match_subclasses map_serializer get_security_definition", "*/openapi.py", "spectacular"),
    Used("websocket_*", "*/consumer.py", "Channels, by the type of a message"),
    Used("websocket_*", "*/duplex.py", "Channels, by the type of a message"),
    Used("*Producing", "*/outlet.py", "Twisted's transport"),
    Used("buildProtocol addr factory site requestFactory", "*/arrivals.py", "Twisted's factory of connections"),
    Used("_handler_class", "*/handler.py", "Django's test client"),
    Used("gotLength handleContentChunk process requestDone connection*", "*/arrivals.py", "Twisted"),
    Used("buildProtocol addr factory site requestFactory callLater timeOut", "*/arrivals.py", "Twisted"),
    Used("execCommand eofReceived requestAvatar *Keys getPrimes", "*/ssh_server.py", "Twisted's SSH server"),
    Used("linkname gid pax_headers", "*/node/image.py */node/buildkit.py */builds/slim.py", "tarfile"),
    Used("find_spec", "kubeorch/mongo/__init__.py", "the import system"),
    Used("__getattr__", "clusters/sandbox/__init__.py", "Python, for names that are loaded when first asked for"),
    Used("ConnectionCls", "*/wire.py", "urllib3's pools"),
    Used("sendall makefile readable readinto", "*/sockets.py", "http.client, and Python's buffered reader"),
    Used("ignore_aliases", "*/yaml_writing.py", "PyYAML's dumper"),
    Used("initial unit placeholder advanced", "*/parameters.py", "the page: `as_json` sends every field that is set"),
    Used("visit_* forward_caller", "*/template_code.py", "Jinja's compiler"),
    Used("code_generator_class globals tests", "*/expressions.py", "Jinja's environment"),
    Used("trace", "*", "nobody: `__exit__` gets it"),
    Used("do_* log_message protocol_version close_connection", "tests/*", "http.server"),
    Used("daemon_threads request_queue_size", "tests/*", "socketserver"),
    Used("do_* log_message server_version sys_version close_connection", "*/token_server.py", "http.server"),
    Used("daemon_threads block_on_close request_queue_size", "*/token_server.py", "socketserver"),
    Used("allow_* address_family verify_request service_actions", "*/token_server.py", "socketserver"),
    Used("LIVE_STREAM_TIMING PASSWORD_HASHERS ROOT_URLCONF STATIC_ROOT", "tests/*", "Django, as a setting"),
    Used("BROKEN_WELCOME", "tests/*", "the accounts, by the setting ON_FIRST_TEAM"),
    Used("readers_of", "*/forecast/*", "the view of a key, which is built on it"),
    Used("django_ready", "tests/*", "pytest: a fixture asked for by name"),
    Used("pytest_*", "*/conftest.py", "pytest: its hooks and plugins"),
]


class Reader(Vulture):
    """Counts as used what a text names, too: the last parts of dotted names, as settings name classes and functions."""

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and DOTTED.fullmatch(node.value):
            self.used_names.add(node.value.rpartition(".")[2])


def main() -> int:
    vulture = Reader(
        ignore_names=["test_*", "pytestmark"], ignore_decorators=["@pytest.fixture*", "@rule", "@invariant"]
    )
    found = [item for item in dead(vulture, PRODUCTION) if not is_used(item)]
    found += [item for item in dead(vulture, ("tests",)) if path_of(item).startswith("tests/") and not is_used(item)]
    for item in found:
        print(f"{path_of(item)}:{item.first_lineno}: nothing uses the {item.typ} {item.name!r}")
    return 1 if found else 0


def is_used(item: Item) -> bool:
    return (item.filename, item.first_lineno) in fields_of(item.filename) or any(
        _fits(item.name, rule.names) and _fits(path_of(item), rule.files) for rule in USED
    )


def path_of(item: Item) -> str:
    return str(item.filename.relative_to(ROOT).as_posix())


def dead(vulture: Vulture, paths: tuple[str, ...]) -> list[Item]:
    """What nothing in these files and folders uses, nor in those that it has read before, in order."""
    vulture.scavenge([ROOT / path for path in paths])
    items: list[Item] = vulture.get_unused_code(min_confidence=60)
    return items


@cache
def fields_of(file: Path) -> set[tuple[Path, int]]:
    """Lines of the fields of serializers and of documents (TypedDict): the API and the database use those."""
    classes = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ClassDef)]
    return {
        (file, field.lineno)
        for found in classes
        if found.name.endswith(("Serializer", "Input")) or "TypedDict" in [ast.unparse(base) for base in found.bases]
        for field in found.body
        if isinstance(field, (ast.Assign, ast.AnnAssign))
    }


def _fits(text: str, patterns: str) -> bool:
    return any(fnmatch(text, pattern) for pattern in patterns.split())


if __name__ == "__main__":
    sys.exit(main())
