"""The front page of the admin: how Ringside is now, and how the last hour went."""
