"""`{{ entry.at_ms|moment }}`: a time in Unix milliseconds as operators read it."""

from django import template

from web.times import shown

register = template.Library()
register.filter("moment", shown)
