"""The addresses of pages, calls and sockets."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from accounts import urls as accounts
from accounts.sockets.asyncapi import SocketSchema
from betting import urls as betting
from betting.consumers import BetConsumer
from betting.screen_consumer import ScreenConsumer
from locations import urls as locations
from locations.consumers import LocationConsumer
from operations import views
from rooms import urls as rooms
from web.server import browser_files

APPS = (accounts, rooms, betting, locations)
SOCKETS = {
    "ws/rooms/<str:code>/": BetConsumer,
    "ws/screens/<str:code>/": ScreenConsumer,
    "ws/locations/": LocationConsumer,
}
handler400 = "web.server.error_pages.malformed"
handler403 = "web.server.error_pages.forbidden"
handler404 = "web.server.error_pages.not_found"
handler500 = "web.server.error_pages.broken"

api_urlpatterns = [
    path("schema/", SpectacularAPIView.as_view()),
    path("docs/", views.calls),
    path("schema/sockets/", SocketSchema.as_view(sockets=SOCKETS)),
    path("me/export/", views.OwnCopy.as_view()),
    *(route for app in APPS for route in app.api_urlpatterns),
]
urlpatterns = [
    path("healthz/", views.healthz),
    path("readyz/", views.readyz),
    path("readyz/all/", views.readyz_all),
    path("metrics/", views.metrics),
    path("favicon.ico", browser_files.favicon),
    path("manifest.webmanifest", browser_files.manifest),
    path("robots.txt", browser_files.robots),
    path(".well-known/security.txt", browser_files.security),
    path("offline/", browser_files.offline, name="offline"),
    path("service-worker.js", browser_files.service_worker),
    path("admin/", admin.site.urls),
    # Without the version it is the first.
    re_path(r"^api/(?:v1/)?", include(api_urlpatterns)),
    path("in/", include(locations.device_urlpatterns)),
    *(path("", include(app.urlpatterns)) for app in APPS),
]
