"""The optimisation core: a Problem in, an Outcome out. No I/O but its own file format, no database, no HTTP."""
