"""The operators' web pages: a process of its own that speaks to the API through the client only."""
