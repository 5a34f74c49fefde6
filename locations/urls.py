"""The addresses of positions; `config/urls.py` mounts these lists."""

from django.urls import path, re_path

from locations import api, views
from locations.phones import intake

urlpatterns = [
    path("r/<str:code>/map/", views.room_map, name="room_map"),
    path("me/where/", views.where, name="where"),
]
api_urlpatterns = [
    path("locations/", api.ReportView.as_view()),
    path("locations/me/", api.MeView.as_view()),
    path("locations/export/", api.ExportView.as_view()),
    path("locations/sharing/", api.SharingView.as_view()),
    path("rooms/<str:code>/map/", api.MapView.as_view()),
    path("rooms/<str:code>/presence/", api.PresenceView.as_view()),
    path("rooms/<str:code>/screen-code/", api.ScreenCodeView.as_view()),
    path("locations/devices/", api.DevicesView.as_view()),
    path("locations/devices/<int:device_id>/", api.DeviceView.as_view()),
]
# With and without the last slash: phones do not follow a redirect with their body. Some put the
# token into the path.
device_urlpatterns = [
    re_path(r"^owntracks(?P<path>/.*)?$", intake.take_owntracks),
    re_path(r"^traccar(?P<path>/.*)?$", intake.take_traccar),
]
