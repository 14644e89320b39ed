"""A Kubernetes control plane of our own on the loopback address: etcd, API server, controllers, scheduler, fake nodes.

sandbox = run(data_dir, report)      # find or make the programs, start, wait until ready
sandbox.kubeconfig_path              # administrator's access
sandbox.stop()
"""

from clusters.sandbox.errors import SandboxError
from clusters.sandbox.progress import Phase, Progress, Report
from clusters.sandbox.run import Sandbox, run

__all__ = ["Phase", "Progress", "Report", "Sandbox", "SandboxError", "run"]
