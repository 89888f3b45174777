"""Markets over HTTP."""
