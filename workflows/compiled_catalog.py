"""The catalog, compiled, and kept for whoever needs it next."""

from __future__ import annotations

from workflows.domain.kinds.catalog import Catalog, make_catalog
from workflows.domain.kinds.folder import TemplateFolder
from workflows.domain.kinds.kept import Kept, library_bytes
from workflows.kept_catalog import TEMPLATES, keep


def compiled_catalog() -> Catalog:
    """Takes about as long as a start. Raises DeclarationInvalid or TemplateInvalid: then our own data is wrong."""
    body = library_bytes(TemplateFolder(TEMPLATES))
    keep(body)
    return make_catalog(Kept(body))
