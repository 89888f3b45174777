"""Labour pools over HTTP."""
