"""The words of the business as plain immutable types. Standard library only; one module a noun."""
