"""The identity calls alone, for this app's tests."""

from django.urls import include, path

from accounts.urls import api_urlpatterns

urlpatterns = [path("api/", include(api_urlpatterns))]
