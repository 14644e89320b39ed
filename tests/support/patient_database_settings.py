"""Our settings for a web role that gives its database ten minutes for each answer: what ends sooner was ended because
the database was seen to hang."""

from kubeorch.settings import *  # noqa: F403
from kubeorch.settings import DATABASES

DATABASES["default"]["OPTIONS"]["socketTimeoutMS"] = 600_000
