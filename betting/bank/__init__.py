from betting.bank.client import *  # noqa: F403
