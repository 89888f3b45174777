"""The ways to solve one part, a function each, and the ledger of what they found."""
