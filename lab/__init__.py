"""Six experiments that show on private engines what Ringside is built against.

`manage.py lab` runs them; docs/labs.md tells what they showed. Nothing here ever talks to the
engines of a running Ringside.
"""
