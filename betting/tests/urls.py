"""What betting's tests can reach: its own calls, and those below it."""

from django.urls import include, path

from accounts import urls as accounts
from betting import urls as betting
from rooms import urls as rooms

urlpatterns = [path("api/", include(app.api_urlpatterns)) for app in (accounts, rooms, betting)]
