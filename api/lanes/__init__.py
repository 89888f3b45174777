"""Lanes over HTTP."""
