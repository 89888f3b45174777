"""The parts of the first page, top to bottom: one module each."""
