"""A Kubernetes control plane of our own on the loopback address: etcd, API server, controllers, scheduler, fake nodes.

sandbox = control_plane.run(data_dir, report)   # find or make the programs, start, wait until ready
sandbox.kubeconfig_path                         # administrator's access
sandbox.stop()
"""
