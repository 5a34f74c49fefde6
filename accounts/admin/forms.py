"""Accounts as operators make and change them: by the rules that hold for everybody."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import nicknames
from accounts.models import User, tidy_email
from web.refusals import Refused


class Tidy(forms.ModelForm):  # type: ignore[type-arg]
    """E-mail and nickname as they are kept; a user with an e-mail is no guest."""

    def clean_email(self) -> str | None:
        """The e-mail in small letters, as it is looked for; only guests may be without one."""
        email = self.cleaned_data["email"]
        if not email and not (self.instance.pk and self.instance.is_guest):
            raise ValidationError(_("An account needs an e-mail."))
        return tidy_email(email) if email else None

    def clean_nickname(self) -> str:
        """The nickname by everybody's rules; one from before a rule stays until it is changed."""
        nickname: str = self.cleaned_data["nickname"]
        if "nickname" not in self.changed_data:
            return nickname
        try:
            return nicknames.validate(nickname)
        except Refused as refused:
            raise ValidationError(str(refused.message)) from refused

    def save(self, commit: bool = True) -> Any:
        self.instance.is_guest = not self.instance.email
        return super().save(commit)


class NewAccountForm(Tidy, AdminUserCreationForm):  # type: ignore[type-arg]
    """An account made by an operator, with or without a password."""

    class Meta:
        model = User
        fields = ("email", "nickname")


class AccountForm(Tidy, UserChangeForm):  # type: ignore[type-arg]
    """A user's row; a guest who is given an e-mail becomes an account."""

    class Meta:
        model = User
        fields = ("email", "nickname", "password")
