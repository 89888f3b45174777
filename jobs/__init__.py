"""Background work: claim a run, take a snapshot, match, verify, save."""
