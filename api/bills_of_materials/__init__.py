"""Bills of materials over HTTP."""
