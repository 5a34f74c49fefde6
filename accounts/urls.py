"""The addresses of the identity calls; `me/` is of an app above, because it tells wallets."""

from django.urls import path, re_path
from django.views.i18n import JavaScriptCatalog, set_language

from accounts import api, views
from accounts.recovery import api as recovery

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("reset/", views.reset, name="reset"),
    path("email/", views.email, name="email"),
    path(".well-known/change-password", views.change_password),
    path("language/", set_language, name="language"),
    # The words of the pages' scripts; the admin has a catalogue of its own.
    path("words.js", JavaScriptCatalog.as_view(packages=["web"]), name="words"),
    re_path(r"^ws/", views.upgrade_required),
]

api_urlpatterns = [
    path("auth/csrf/", api.Csrf.as_view()),
    path("auth/nickname/", api.Nickname.as_view()),
    path("auth/guest/", api.Guest.as_view()),
    path("auth/register/", api.Register.as_view()),
    path("auth/login/", api.LogIn.as_view()),
    path("auth/refresh/", api.Refresh.as_view()),
    path("auth/logout/", api.LogOut.as_view()),
    path("auth/token/", api.Token.as_view()),
    path("auth/token/refresh/", api.TokenRefresh.as_view()),
    path("auth/ticket/", api.Ticket.as_view()),
    path("auth/password/", api.Password.as_view()),
    path("auth/reset/", recovery.Reset.as_view()),
    path("auth/reset/choose/", recovery.Choose.as_view()),
    path("auth/email/", recovery.Email.as_view()),
    path("auth/email/verify/", recovery.Verify.as_view()),
    path("auth/forget/", api.Forget.as_view()),
    path("auth/sign-ins/", api.SignIns.as_view()),
    path("auth/sign-ins/end/", api.EndSignIns.as_view()),
    path("auth/sign-ins/<uuid:sign_in_id>/", api.OneSignIn.as_view()),
]
