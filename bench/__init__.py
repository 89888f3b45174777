"""Benchmarks: published instances, a real order book, markets at scale. RESULTS.md holds the figures."""
