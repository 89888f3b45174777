"""Which lines of a large part to convert, and when: decided by prices, before the loops that plan what is made (R15)."""
