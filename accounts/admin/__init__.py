"""What operators see of people."""

from accounts.admin import forget_act, pages

__all__ = ["forget_act", "pages"]
