"""What is counted of frames that were not sent."""

from prometheus_client import Counter

# `closing`: waited for a reader that was closed. `layer`: the live instance took too long.
dropped = Counter("ringside_frames_dropped", "Frames nobody was sent", ["why"])
# Present from the start at 0, so that Prometheus sees its first rise.
for _why in ("closing", "layer"):
    dropped.labels(_why)
