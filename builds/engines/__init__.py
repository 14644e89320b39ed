"""What builds an image: one protocol, one folder for each engine."""
