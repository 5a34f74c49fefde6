"""The addresses of markets, bets and coins."""

from django.urls import path

from betting import api, views

urlpatterns = [
    path("r/<str:code>/", views.room, name="room"),
    path("r/<str:code>/screen/", views.screen, name="screen"),
    path("me/", views.me, name="me"),
]

api_urlpatterns = [
    path("auth/me/", api.Me.as_view()),
    path("me/bets/", api.MyBets.as_view()),
    path("me/refill/", api.Refill.as_view()),
    path("me/ledger/", api.MyLedger.as_view()),
    path("rooms/<str:code>/markets/", api.RoomMarkets.as_view()),
    path("rooms/<str:code>/leaderboard/", api.Leaderboard.as_view()),
    path("markets/<int:market_id>/", api.OneMarket.as_view()),
    path("markets/<int:market_id>/result/", api.Result.as_view()),
    path("markets/<int:market_id>/open/", api.Open.as_view()),
    path("markets/<int:market_id>/lock/", api.Lock.as_view()),
    path("markets/<int:market_id>/settle/", api.Settle.as_view()),
    path("markets/<int:market_id>/withdraw/", api.Withdraw.as_view()),
    path("markets/<int:market_id>/void/", api.Void.as_view()),
    path("markets/<int:market_id>/bets/", api.MarketBets.as_view()),
]
