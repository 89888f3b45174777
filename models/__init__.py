"""What the business is: plain types, the tables that hold them, and the store between the two."""
