"""What keeps Capweave running on a machine: settings, the embedded PostgreSQL, the supervisor.

This package starts the other programs and imports none of them.
"""
