"""The calls of rooms and of identity, for this app's tests."""

from django.urls import include, path

from accounts.urls import api_urlpatterns as identity
from rooms.urls import api_urlpatterns
from rooms.urls import urlpatterns as pages

urlpatterns = [path("api/", include([*identity, *api_urlpatterns])), *pages]
