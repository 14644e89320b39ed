"""Request bodies, and the shapes of the OpenAPI document."""
