"""What is counted about telling people things."""

from prometheus_client import Counter

# `closing`: waited for a reader that was closed. `layer`: the live instance took too long.
dropped = Counter("ringside_frames_dropped", "Frames nobody was sent", ["why"])
# From the start a figure, so that its first rise is seen.
for _why in ("closing", "layer"):
    dropped.labels(_why)
