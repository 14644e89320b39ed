"""What a worker has loaded, for the process that `killed_worker` forks from; import it nowhere else."""

import os

os.environ["KUBEORCH_LOG_LEVEL"] = "WARNING"

from tests.support.django_setup import configure

configure()

import kubeorch.handlers  # noqa: E402
import kubeorch.jobs.worker  # noqa: E402, F401
from workflows.catalog import catalog  # noqa: E402

catalog().ready()
