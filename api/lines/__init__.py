"""Lines over HTTP."""
