"""`{{ entry.at_ms|moment }}`: a time in Unix milliseconds as operators read it."""

from django import template

from accounts.moments import shown

register = template.Library()
register.filter("moment", shown)
