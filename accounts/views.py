"""Pages about who you are; the same for everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """Log in, or register and keep a guest's coins."""
    return render(request, "accounts/sign_in.html")


@require_safe
def upgrade_required(request: HttpRequest) -> HttpResponse:
    """Answer a plain request for a socket; mostly a proxy dropped the headers that ask for one."""
    told = "Here is a socket; ask with Upgrade: websocket."
    # No Upgrade header: a proxy would pass it on over HTTP/2, where it is an error.
    return HttpResponse(told, status=426, content_type="text/plain")
