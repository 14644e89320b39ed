"""Programs that are not ours: found on the machine, else downloaded by checksum, else built from pinned Go modules."""
