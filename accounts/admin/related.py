"""Other users of the same device or network. For operators to see; nothing follows from it."""

from django.utils.translation import gettext as _

from accounts.models import SignIn, User

_LOOKED_AT = 50
_SHOWN_MAX = 20


def related_users(user: User) -> list[tuple[User, list[str]]]:
    """Other users with the reasons, the latest seen first; looks at the last 50 sign-ins."""
    own = list(user.sign_ins.order_by("-seen_at").values_list("device", "address")[:_LOOKED_AT])
    found: dict[User, list[str]] = {}
    for field, values, why in (
        ("device", {device for device, _address in own}, _("device")),
        ("address", {address for _device, address in own}, _("network")),
    ):
        for other in _sharing(user, field, values - {""}):
            found.setdefault(other, []).append(why)
    return list(found.items())[:_SHOWN_MAX]


def _sharing(user: User, field: str, values: set[str]) -> list[User]:
    others = SignIn.objects.filter(**{f"{field}__in": values}).exclude(user=user)
    newest = others.select_related("user").order_by("-seen_at")[: 10 * _SHOWN_MAX]
    return list(dict.fromkeys(sign_in.user for sign_in in newest))
