from locations.live.client import *  # noqa: F403
