from betting.ledger.recorder import *  # noqa: F403
