"""Where rooms live."""

from django.urls import path

from rooms import api, members, views

urlpatterns = [
    path("", views.lobby, name="lobby"),
    path("rooms/new/", views.new_room, name="new_room"),
    path("r/<str:code>/qr.svg", views.qr, name="room_qr"),
]

api_urlpatterns = [
    path("rooms/", api.Rooms.as_view()),
    path("rooms/<str:code>/", api.OneRoom.as_view()),
    path("rooms/<str:code>/enter/", api.Enter.as_view()),
    path("rooms/<str:code>/leave/", api.Leave.as_view()),
    path("rooms/<str:code>/end/", api.End.as_view()),
    path("rooms/<str:code>/chat/", api.Chat.as_view()),
    path("rooms/<str:code>/members/", members.Members.as_view()),
    path("rooms/<str:code>/members/<int:user_id>/", members.OneMember.as_view()),
]
