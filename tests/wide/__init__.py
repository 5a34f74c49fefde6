"""The bank as a Redis Cluster of three primaries."""
