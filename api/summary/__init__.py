"""Summary over HTTP."""
