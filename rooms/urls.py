"""The addresses of rooms."""

from django.urls import path

from rooms import views
from rooms.api import acts, chat, members, mine, rooms, seats

urlpatterns = [
    path("", views.lobby, name="lobby"),
    path("rooms/new/", views.new_room, name="new_room"),
    path("seat/", views.seat, name="seat"),
    path("r/<str:code>/qr.svg", views.qr, name="room_qr"),
]

api_urlpatterns = [
    path("rooms/", rooms.Rooms.as_view()),
    path("rooms/<str:code>/", rooms.OneRoom.as_view()),
    path("rooms/<str:code>/enter/", rooms.Enter.as_view()),
    path("rooms/<str:code>/leave/", rooms.Leave.as_view()),
    path("rooms/<str:code>/end/", rooms.End.as_view()),
    path("rooms/<str:code>/chat/", chat.Chat.as_view()),
    path("rooms/<str:code>/chat/<str:line_id>/", chat.OneLine.as_view()),
    path("rooms/<str:code>/acts/", acts.Acts.as_view()),
    path("rooms/<str:code>/seats/", seats.Seats.as_view()),
    path("rooms/<str:code>/members/", members.Members.as_view()),
    path("rooms/<str:code>/members/<int:user_id>/", members.OneMember.as_view()),
    path("seats/", seats.TakeSeat.as_view()),
    path("me/rooms/", mine.OwnRooms.as_view()),
]
