"""A real node for tests: containerd, runc, kubelet and kube-proxy beside the sandbox's control plane, as root on Linux.

All of it runs in network, mount and process namespaces of its own (`enclosed`), so nothing else on the machine meets
its links, rules, mounts or ports, and when its first process ends the kernel takes everything away with it.
"""
