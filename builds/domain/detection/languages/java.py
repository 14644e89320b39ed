"""Java and Kotlin, with Maven or Gradle. Build files are searched, not run and not parsed as XML."""

from __future__ import annotations

import re

from builds.domain.detection.findings import Notes
from builds.domain.detection.languages.common import (
    Said,
    Sketch,
    ask_port,
    choose,
    procfile,
    tool_versions,
    version_file,
)
from builds.domain.detection.plan import Plan, is_plain_path
from builds.domain.detection.tree import Tree, join
from builds.domain.detection.versions import JAVA

MARKS = frozenset({"pom.xml", "build.gradle", "build.gradle.kts"})
_MAVEN = re.compile(r"<(?:java\.version|maven\.compiler\.(?:release|source|target)|release)>\s*([0-9.]{1,8})\s*<")
_GRADLE = re.compile(
    r"(?:JavaLanguageVersion\.of\(\s*|jvmToolchain\(\s*|(?:source|target)Compatibility\s*=?\s*(?:JavaVersion\.VERSION_)?[\"']?)([0-9][0-9._]{0,4})"
)
_WRAPPER = re.compile(r"gradle-([0-9]{1,3}\.[0-9]{1,3})(?:\.[0-9]{1,3})?-(?:bin|all)\.zip")
_RUNTIME = re.compile(r"^java\.runtime\.version\s*=\s*([0-9.]{1,8})", re.MULTILINE)
_PORTS = (
    re.compile(r"^server\.port\s*[=:]\s*(?:\$\{[A-Z_]{1,40}:)?([0-9]{2,5})", re.MULTILINE),
    re.compile(r"^quarkus\.http\.port\s*[=:]\s*([0-9]{2,5})", re.MULTILINE),
    re.compile(
        r"^server:[ \t]*\r?\n(?:[ \t]+[^\n]{0,200}\n){0,20}?[ \t]+port:\s*(?:\$\{[A-Z_]{1,40}:)?([0-9]{2,5})",
        re.MULTILINE,
    ),
)
_FRAMEWORKS = (
    ("org.springframework.boot", "Spring Boot"),
    ("io.quarkus", "Quarkus"),
    ("io.micronaut", "Micronaut"),
    ("io.ktor", "Ktor"),
)
_ARTIFACT = re.compile(r"<artifactId>\s*([A-Za-z0-9._-]{1,100})\s*</artifactId>")


def look(tree: Tree, folder: str, notes: Notes) -> Sketch | None:
    """What can be built of the project in a folder. None where nothing tells of a program."""
    names = tree.names(folder)
    file = next((name for name in ("pom.xml", "build.gradle.kts", "build.gradle") if name in names), "")
    if not file:
        return None
    path = join(folder, file)
    source = tree.text(path)
    manager: str = "maven" if file == "pom.xml" else "gradle"
    if manager == "maven" and "<modules>" in source:
        return None  # it holds others together
    root = _root(tree, folder, manager)
    module = folder[len(root) :].strip("/")
    if module and not is_plain_path(module):
        return None
    found = next(((needle, name) for needle, name in _FRAMEWORKS if needle in source), None)
    told = procfile(tree, folder, notes)
    if found is None and not told and "src" not in {one.split("/")[0] for one in _below(tree, folder)}:
        return None
    notes.because(f"{'Maven' if manager == 'maven' else 'Gradle'} builds it", path, 1)
    if found:
        notes.because(f"it uses {found[1]}", path, tree.line_of(path, found[0]))
    properties = join(folder, "system.properties")
    runtime = _RUNTIME.search(tree.text(properties))
    match = (_MAVEN if manager == "maven" else _GRADLE).search(source)
    version = choose(
        JAVA,
        (
            version_file(tree, (folder,), ".java-version"),
            tool_versions(tree, (folder,), "java"),
            Said(runtime[1], properties, tree.line_of(properties, runtime[0])) if runtime else None,
            _of_build_file(match[1], path, source.count("\n", 0, match.start()) + 1) if match else None,
        ),
        notes,
    )
    if module:
        notes.because(
            f"it is a module of the project in {root or 'the top folder'}",
            join(root, _top_file(tree, root, manager)),
        )
    wrapper = _WRAPPER.search(tree.text(join(root, "gradle/wrapper/gradle-wrapper.properties")))
    resources = [
        join(folder, f"src/main/resources/{name}")
        for name in ("application.properties", "application.yml", "application.yaml")
    ]
    port = None
    for one in resources:
        text = tree.text(one)
        hit = next((hit for pattern in _PORTS if (hit := pattern.search(text))), None)
        if hit and 1 <= int(hit[1]) <= 65535:
            port = int(hit[1])
            notes.because(f"it listens on {port}", one, text.count("\n", 0, hit.start(1)) + 1)
            break
    artifact = _ARTIFACT.search(re.sub(r"<parent>.{0,2000}?</parent>", "", source[:20_000], flags=re.DOTALL))
    plan = Plan(
        language="java",
        version=version,
        manager=manager,
        framework=found[1] if found else "",
        app=module,
        build=_build(manager, module),
        start=told,
        port=ask_port(port, 8080, notes, "no file names one; PORT and SERVER_PORT are set to it"),
        tool_version=wrapper[1] if wrapper and manager == "gradle" else "",
    )
    if found is None and not told:
        notes.ask(
            "start",
            "Which command starts it?",
            "java -jar /app/app.jar",
            "no framework is known here; its archive has to name a main class",
        )
    return Sketch(plan, root, artifact[1] if artifact and manager == "maven" else "")


def _of_build_file(text: str, path: str, line: int) -> Said:
    """A version between two that are kept up for years has no image: the next one runs it."""
    number = text.replace("_", ".").strip(".").removeprefix("1.").partition(".")[0]
    return Said(number if number in JAVA.known else f">={number}", path, line, number not in JAVA.known)


def _top_file(tree: Tree, root: str, manager: str) -> str:
    if manager == "maven":
        return "pom.xml"
    return "settings.gradle" if "settings.gradle" in tree.names(root) else "settings.gradle.kts"


def _root(tree: Tree, folder: str, manager: str) -> str:
    """The folder from which a module is built: that of the project that names it, or its own."""
    at = folder
    while at:
        at = at.rpartition("/")[0]
        below = folder[len(at) :].strip("/")
        if manager == "maven":
            if f"<module>{below}</module>" in tree.text(join(at, "pom.xml")).replace(" ", ""):
                return at
        elif any(
            below.replace("/", ":") in tree.text(join(at, name)) for name in ("settings.gradle", "settings.gradle.kts")
        ):
            return at
    return folder


def _build(manager: str, module: str) -> str:
    if not module:
        return ""
    if manager == "maven":
        return f"mvn --batch-mode -DskipTests --projects {module} --also-make package"
    return f"gradle --no-daemon :{module.replace('/', ':')}:build -x test"


def _below(tree: Tree, folder: str) -> list[str]:
    start = f"{folder}/" if folder else ""
    return [path[len(start) :] for path in tree.folders if path.startswith(start) and path != folder]
