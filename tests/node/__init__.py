"""On real containers: `make test-node`, as root on Linux."""
