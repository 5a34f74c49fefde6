from accounts.admin import pages

__all__ = ["pages"]
