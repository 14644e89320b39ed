"""Ruby: the bundle, Rails and other Rack applications, and Jekyll."""

from __future__ import annotations

import re

from builds.domain.detection.findings import Notes
from builds.domain.detection.languages.common import (
    Said,
    Sketch,
    ask_port,
    choose,
    existing,
    lines_with,
    procfile,
    tool_versions,
    version_file,
)
from builds.domain.detection.plan import Plan
from builds.domain.detection.tree import Tree, join
from builds.domain.detection.versions import RUBY

_GEM = re.compile(r"^[ \t]*gem[ \t(]+[\"']([A-Za-z0-9_-]{1,60})[\"']", re.MULTILINE)
_RUBY = re.compile(r"^[ \t]*ruby[ \t(]+[\"']([^\"'\n]{1,40})[\"']", re.MULTILINE)
_LOCKED = re.compile(r"^RUBY VERSION\r?\n[ \t]+ruby ([0-9.]{1,12})", re.MULTILINE)
_SYSTEM = {
    "pg": (("libpq-dev",), ("libpq5",)),
    "mysql2": (("default-libmysqlclient-dev",), ("libmariadb3",)),
    "sqlite3": (("libsqlite3-dev",), ("libsqlite3-0",)),
    "ruby-vips": (("libvips-dev",), ("libvips42",)),
    "image_processing": ((), ("libvips42",)),
}
_ASSETS = frozenset(
    {"sprockets-rails", "propshaft", "sassc-rails", "tailwindcss-rails", "cssbundling-rails", "vite_rails"}
)


def look(tree: Tree, folder: str, notes: Notes) -> Sketch | None:
    """What can be built of the bundle in a folder. None for a gem, and where nothing is started."""
    path = join(folder, "Gemfile")
    source = tree.text(path)
    if not source:
        return None
    gems = {match[1]: line for line, match in lines_with(source, _GEM)}
    told = procfile(tree, folder, notes)
    framework, start, port, build, output = _started(tree, folder, gems, path, notes)
    if not framework and not told:
        return None
    match, lock = _RUBY.search(source), join(folder, "Gemfile.lock")
    locked = _LOCKED.search(tree.text(lock))
    version = choose(
        RUBY,
        (
            version_file(tree, (folder,), ".ruby-version"),
            tool_versions(tree, (folder,), "ruby"),
            Said(match[1], path, source.count("\n", 0, match.start()) + 1, match[1][:1] in "~<>=") if match else None,
            Said(locked[1], lock, tree.line_of(lock, "RUBY VERSION") + 1) if locked else None,
        ),
        notes,
    )
    if not tree.has(lock):
        notes.warn("there is no Gemfile.lock, so that another build may install other versions; commit one", path)
    extra = [_SYSTEM[name] for name in sorted(gems) if name in _SYSTEM]
    plan = Plan(
        language="ruby",
        version=version,
        manager="bundler",
        framework=framework,
        install="" if tree.has(lock) else "bundle install --jobs 4 --retry 3",
        build=build,
        start=told or start,
        output=output,
        port=ask_port(port, 3000, notes, "the command takes it from PORT, which is set to it"),
        build_packages=tuple(sorted({one for needed, _ in extra for one in needed})),
        packages=tuple(sorted({one for _, run in extra for one in run})),
        files=()
        if "path:" in source or "gemspec" in source
        else existing(tree, folder, ("Gemfile", "Gemfile.lock", ".ruby-version")),
    )
    return Sketch(plan, folder)


def _started(
    tree: Tree, folder: str, gems: dict[str, int], path: str, notes: Notes
) -> tuple[str, str, int | None, str, str]:
    """Framework, start command, port, build command and folder of a finished site."""
    if "rails" in gems:
        notes.because("it uses Rails", path, gems["rails"])
        build = ""
        if gems.keys() & _ASSETS or tree.has_folder(join(folder, "app/assets")):
            build = "SECRET_KEY_BASE_DUMMY=1 bundle exec rails assets:precompile"
            notes.because(
                "its assets are made at the build", path, min((gems[one] for one in gems.keys() & _ASSETS), default=0)
            )
        return "Rails", "bundle exec rails server --binding 0.0.0.0 --port 3000", 3000, build, ""
    if "jekyll" in gems:
        notes.because("Jekyll makes a site", path, gems["jekyll"])
        return "Jekyll", "", 8080, "bundle exec jekyll build", "_site"
    rack = join(folder, "config.ru")
    if tree.has(rack):
        notes.because("it is a Rack application", rack, 1)
        framework = "Sinatra" if "sinatra" in gems else "Rack"
        if "puma" in gems:
            return framework, "bundle exec puma --bind tcp://0.0.0.0:9292", 9292, "", ""
        return framework, "bundle exec rackup --host 0.0.0.0 --port 9292", 9292, "", ""
    if "sinatra" in gems:
        file = next((name for name in ("app.rb", "main.rb", "server.rb", "web.rb") if tree.has(join(folder, name))), "")
        if file:
            notes.because("it uses Sinatra", path, gems["sinatra"])
            return "Sinatra", f"bundle exec ruby {file} -o 0.0.0.0 -p 4567", 4567, "", ""
    return "", "", None, "", ""
