"""Published instances as problems: one module a kind, each with `instances(path)`."""
