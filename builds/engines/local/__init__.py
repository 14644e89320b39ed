"""BuildKit on this machine: obtained like the sandbox's programs, kept running by a role, driven by buildctl."""
