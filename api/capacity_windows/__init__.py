"""Capacity windows over HTTP."""
