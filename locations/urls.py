"""Where HTTP about positions goes; `config/urls.py` mounts these lists."""

from django.urls import URLPattern, path

from . import api

urlpatterns: list[URLPattern] = []
api_urlpatterns = [
    path("locations/", api.ReportView.as_view()),
    path("locations/me/", api.MeView.as_view()),
]
device_urlpatterns: list[URLPattern] = []
