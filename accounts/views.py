"""Pages about who you are; the same for everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """Log in, or register and keep a guest's coins."""
    return render(request, "accounts/sign_in.html")
