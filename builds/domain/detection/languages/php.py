"""PHP: Composer, Laravel, Symfony, and plain files."""

from __future__ import annotations

from builds.domain.detection.findings import Notes
from builds.domain.detection.languages.common import Said, Sketch, choose, existing, tool_versions, version_file
from builds.domain.detection.plan import Plan
from builds.domain.detection.tree import Tree, join, mapping, text
from builds.domain.detection.versions import PHP

_FRAMEWORKS = (
    ("laravel/framework", "Laravel"),
    ("symfony/framework-bundle", "Symfony"),
    ("slim/slim", "Slim"),
    ("cakephp/cakephp", "CakePHP"),
    ("codeigniter4/framework", "CodeIgniter"),
    ("yiisoft/yii2", "Yii"),
)
_SHOWN = ("public", "web", "webroot")
_SYSTEM = {
    "gd": ("libfreetype-dev", "libjpeg62-turbo-dev", "libpng-dev"),
    "intl": ("libicu-dev",),
    "zip": ("libzip-dev",),
    "pgsql": ("libpq-dev",),
    "pdo_pgsql": ("libpq-dev",),
    "soap": ("libxml2-dev",),
    "gmp": ("libgmp-dev",),
    "bcmath": (),
    "exif": (),
    "mysqli": (),
    "pcntl": (),
    "pdo_mysql": (),
    "sockets": (),
    "xsl": ("libxslt1-dev",),
}
"""Extensions that PHP's image can add, and what Debian packages each is built with. Others are there, or unknown."""
_THERE = frozenset(
    (
        "ctype",
        "curl",
        "date",
        "dom",
        "fileinfo",
        "filter",
        "ftp",
        "hash",
        "iconv",
        "json",
        "libxml",
        "mbstring",
        "openssl",
        "pcre",
        "pdo",
        "phar",
        "posix",
        "readline",
        "session",
        "simplexml",
        "sodium",
        "spl",
        "sqlite3",
        "pdo_sqlite",
        "tokenizer",
        "xml",
        "xmlreader",
        "xmlwriter",
        "zlib",
    )
)


def look(tree: Tree, folder: str, notes: Notes) -> Sketch | None:
    """What can be built of the PHP in a folder. None for a library."""
    path = join(folder, "composer.json")
    package = tree.json(path)
    needs = mapping(package.get("require"))
    found = next(((needle, name) for needle, name in _FRAMEWORKS if needle in needs), None)
    document_root = next((name for name in _SHOWN if tree.has(join(folder, f"{name}/index.php"))), "")
    if not document_root and "index.php" not in tree.names(folder):
        return None
    above, _, last = folder.rpartition("/")
    if last in _SHOWN and "composer.json" in tree.names(above):
        return None  # it is what the application above shows
    if found:
        notes.because(f"it uses {found[1]}", path, tree.line_of(path, f'"{found[0]}"'))
    shown = join(folder, f"{document_root}/index.php" if document_root else "index.php")
    notes.because("the web server shows the folder of this file", shown, 1)
    platform = text(mapping(mapping(package.get("config")).get("platform")).get("php"))
    version = choose(
        PHP,
        (
            version_file(tree, (folder,), ".php-version"),
            tool_versions(tree, (folder,), "php"),
            Said(platform, path, tree.line_of(path, '"platform"')),
            Said(text(needs.get("php")), path, tree.line_of(path, '"php"'), True),
        ),
        notes,
    )
    extensions = _extensions(needs, found[1] if found else "", path, tree, notes)
    locked = tree.has(join(folder, "composer.lock"))
    if package and not locked:
        notes.warn("there is no composer.lock, so that another build may install other versions; commit one", path)
    plan = Plan(
        language="php",
        version=version,
        manager="composer" if package else "none",
        framework=found[1] if found else "",
        document_root=document_root,
        extensions=extensions,
        build_packages=tuple(sorted({one for name in extensions for one in _SYSTEM[name]})),
        packages=("git", "unzip") if package else (),
        files=existing(tree, folder, ("composer.json", "composer.lock")) if not package.get("repositories") else (),
        port=8080,
        build="composer dump-autoload --no-dev --optimize" if package else "",
    )
    return Sketch(plan, folder, text(package.get("name"), 200).rpartition("/")[2])


def _extensions(needs: dict[str, object], framework: str, path: str, tree: Tree, notes: Notes) -> tuple[str, ...]:
    wanted = {name[4:].lower() for name in needs if name.startswith("ext-")}
    if framework in ("Laravel", "Symfony", "CakePHP", "CodeIgniter", "Yii"):
        wanted |= {"pdo_mysql", "pdo_pgsql"}
        notes.because(f"{framework} speaks to a database: MySQL and PostgreSQL are made ready")
    for name in sorted(wanted - _SYSTEM.keys() - _THERE)[:20]:
        notes.warn(
            f"the extension {name[:40]} is not known here; install it in the Dockerfile",
            path,
            tree.line_of(path, f'"ext-{name}"'),
        )
    for name in sorted(wanted & _SYSTEM.keys()):
        line = tree.line_of(path, f'"ext-{name}"')
        if line:
            notes.because(f"it needs the extension {name}", path, line)
    return tuple(sorted(wanted & _SYSTEM.keys()))
