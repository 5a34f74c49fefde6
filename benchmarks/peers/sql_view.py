"""What one would write first: a view of Django that takes a bet in SQL, with rows locked.

gunicorn serves `application`. As a program it makes the tables and COUNT purses, and prints a
signed cookie for each.
"""

import json
import os
import sys
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings
from django.core import signing
from django.core.wsgi import get_wsgi_application
from django.db import connection, models, transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path

COINS, OUTCOMES = 10**9, (1, 2)

address = urlsplit(os.environ["DATABASE_URL"])
settings.configure(
    SECRET_KEY="bench" * 10,
    ALLOWED_HOSTS=["*"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.mysql",
            "NAME": address.path[1:],
            "USER": address.username,
            "OPTIONS": {"unix_socket": unquote(parse_qs(address.query)["unix_socket"][0])},
            "CONN_MAX_AGE": None,
        }
    },
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    ROOT_URLCONF=__name__,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()


class Purse(models.Model):
    coins = models.BigIntegerField()

    class Meta:
        app_label = "peer"

    def __str__(self) -> str:
        return f"{self.coins}"


class Pool(models.Model):
    coins = models.BigIntegerField()

    class Meta:
        app_label = "peer"

    def __str__(self) -> str:
        return f"{self.coins}"


class Bet(models.Model):
    user = models.BigIntegerField()
    bet_id = models.CharField(max_length=36)
    outcome = models.BigIntegerField()
    stake = models.BigIntegerField()

    class Meta:
        app_label = "peer"
        constraints = (models.UniqueConstraint(fields=["user", "bet_id"], name="once"),)

    def __str__(self) -> str:
        return self.bet_id


def place(request: HttpRequest) -> JsonResponse:
    user = int(request.get_signed_cookie("user"))
    order: dict[str, Any] = json.loads(request.body)
    with transaction.atomic():
        purse = Purse.objects.select_for_update().get(pk=user)
        if purse.coins < order["stake"]:
            return JsonResponse({"code": "not_enough_coins"}, status=409)
        purse.coins -= order["stake"]
        purse.save(update_fields=["coins"])
        Bet.objects.create(user=user, **order)
        pool = Pool.objects.select_for_update().get(pk=order["outcome"])
        pool.coins += order["stake"]
        pool.save(update_fields=["coins"])
    return JsonResponse({"coins": purse.coins, "pool": pool.coins})


def make(count: int) -> None:
    with connection.schema_editor() as editor:
        for table in (Purse, Pool, Bet):
            editor.create_model(table)
    users = range(1, count + 1)
    Purse.objects.bulk_create(Purse(pk=user, coins=COINS) for user in users)
    Pool.objects.bulk_create(Pool(pk=outcome, coins=0) for outcome in OUTCOMES)
    signer = signing.get_cookie_signer(salt="user")
    print(json.dumps([f"user={signer.sign(str(user))}" for user in users]))


urlpatterns = [path("bets/", place)]
if __name__ == "__main__":
    make(int(sys.argv[1]))
else:
    application = get_wsgi_application()
