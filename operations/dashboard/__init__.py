"""The front page of the admin: how the house is now, and how the last hour went."""
