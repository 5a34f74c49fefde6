"""What operators see of people."""

from accounts.admin import forget_act, pages, pending_emails

__all__ = ["forget_act", "pages", "pending_emails"]
