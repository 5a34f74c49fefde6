"""The urls of positions alone, mounted as `config/urls.py` mounts them."""

from django.urls import include, path

from locations.urls import api_urlpatterns, device_urlpatterns, urlpatterns

urlpatterns = [
    *urlpatterns,
    path("api/", include(api_urlpatterns)),
    path("in/", include(device_urlpatterns)),
]
