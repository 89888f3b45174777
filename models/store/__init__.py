"""The only SQL: rows to domain and back, snapshots, the queue."""
