"""BuildKit services that run elsewhere, reached by address with a client certificate."""
