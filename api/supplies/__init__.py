"""Supplies over HTTP."""
