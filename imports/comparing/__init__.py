"""What runs, beside what Compose promises."""
