"""Capabilities over HTTP."""
