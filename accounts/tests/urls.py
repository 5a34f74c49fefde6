"""The identity calls and the admin alone, for this app's tests."""

from django.contrib import admin
from django.urls import include, path

from accounts.urls import api_urlpatterns

urlpatterns = [path("api/", include(api_urlpatterns)), path("admin/", admin.site.urls)]
