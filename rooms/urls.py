"""The addresses of rooms."""

from django.urls import path

from rooms import views
from rooms.api import (
    act_log,
    chat_lines,
    club_calls,
    members,
    mine,
    newcomers,
    room_keys,
    rooms,
    screen_links,
    seat_links,
)

urlpatterns = [
    path("", views.lobby, name="lobby"),
    path("rooms/new/", views.new_room, name="new_room"),
    path("clubs/", views.clubs, name="clubs"),
    path("c/<slug:slug>/", views.club, name="club"),
    path("seat/", views.seat, name="seat"),
    path("r/<str:code>/keys/", views.keys, name="room_keys"),
    path("card.png", views.lobby_card, name="lobby_card"),
    path("r/<str:code>/card.png", views.room_card, name="room_card"),
    path("r/<str:code>/qr.svg", views.qr, name="room_qr"),
]

api_urlpatterns = [
    path("rooms/", rooms.Rooms.as_view()),
    path("rooms/<str:code>/", rooms.OneRoom.as_view()),
    path("rooms/<str:code>/enter/", rooms.Enter.as_view()),
    path("rooms/<str:code>/leave/", rooms.Leave.as_view()),
    path("rooms/<str:code>/end/", rooms.End.as_view()),
    path("rooms/<str:code>/chat/", chat_lines.Chat.as_view()),
    path("rooms/<str:code>/chat/<str:line_id>/", chat_lines.OneLine.as_view()),
    path("rooms/<str:code>/acts/", act_log.Acts.as_view()),
    path("rooms/<str:code>/seats/", seat_links.Seats.as_view()),
    path("rooms/<str:code>/screens/", screen_links.Screens.as_view()),
    path("rooms/<str:code>/screens/<int:screen_id>/", screen_links.OneScreen.as_view()),
    path("rooms/<str:code>/keys/", room_keys.Keys.as_view()),
    path("rooms/<str:code>/keys/<int:key_id>/", room_keys.OneKey.as_view()),
    path("rooms/<str:code>/newcomers/", newcomers.Newcomers.as_view()),
    path("rooms/<str:code>/members/", members.Members.as_view()),
    path("rooms/<str:code>/members/<int:user_id>/", members.OneMember.as_view()),
    path("seats/", seat_links.TakeSeat.as_view()),
    path("clubs/", club_calls.Clubs.as_view()),
    path("clubs/<slug:slug>/", club_calls.OneClub.as_view()),
    path("clubs/<slug:slug>/leave/", club_calls.Leave.as_view()),
    path("clubs/<slug:slug>/members/", club_calls.Members.as_view()),
    path("clubs/<slug:slug>/members/<int:user_id>/", club_calls.OneMember.as_view()),
    path("me/rooms/", mine.OwnRooms.as_view()),
]
