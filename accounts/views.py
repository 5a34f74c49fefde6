"""Pages about who you are; the same for everybody."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.recovery import emails


@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """Log in, or register and keep a guest's coins."""
    return render(request, "accounts/sign_in.html")


@require_safe
def reset(request: HttpRequest) -> HttpResponse:
    """Ask for another password by e-mail; opened by the link of one, choose it."""
    return render(request, "accounts/reset.html", {"is_on_console": emails.is_on_console()})


@require_safe
def email(request: HttpRequest) -> HttpResponse:
    """Opened by the link of an e-mail: say that it is one's own."""
    return render(request, "accounts/email.html")


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Lead password keepers to where a password is changed."""
    return HttpResponseRedirect("/me/#password")


@require_safe
def upgrade_required(request: HttpRequest) -> HttpResponse:
    """Answer a plain request for a socket; mostly a proxy dropped the headers that ask for one."""
    told = "Here is a socket; ask with Upgrade: websocket."
    # No Upgrade header: a proxy would pass it on over HTTP/2, where it is an error.
    return HttpResponse(told, status=426, content_type="text/plain")
