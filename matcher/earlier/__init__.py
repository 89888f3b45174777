"""What an earlier plan still means: found again by ids, looked at against the market of today, begun from."""
