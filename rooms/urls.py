"""The addresses of rooms."""

from django.urls import path

from rooms import views
from rooms.api import members, rooms

urlpatterns = [
    path("", views.lobby, name="lobby"),
    path("rooms/new/", views.new_room, name="new_room"),
    path("r/<str:code>/qr.svg", views.qr, name="room_qr"),
]

api_urlpatterns = [
    path("rooms/", rooms.Rooms.as_view()),
    path("rooms/<str:code>/", rooms.OneRoom.as_view()),
    path("rooms/<str:code>/enter/", rooms.Enter.as_view()),
    path("rooms/<str:code>/leave/", rooms.Leave.as_view()),
    path("rooms/<str:code>/end/", rooms.End.as_view()),
    path("rooms/<str:code>/chat/", rooms.Chat.as_view()),
    path("rooms/<str:code>/members/", members.Members.as_view()),
    path("rooms/<str:code>/members/<int:user_id>/", members.OneMember.as_view()),
]
