"""The registry that comes with `make run`: obtained like BuildKit, kept running beside it, entered by team."""
