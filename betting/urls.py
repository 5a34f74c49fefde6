"""The addresses of markets, bets and coins."""

from django.urls import path

from betting import views
from betting.api import (
    club_leaderboard,
    draft_calls,
    evening_call,
    market_calls,
    market_listing,
    receipt_calls,
    webhook_calls,
)

urlpatterns = [
    path("r/<str:code>/", views.room, name="room"),
    path("r/<str:code>/screen/", views.screen, name="screen"),
    path("r/<str:code>/overlay/", views.overlay, name="overlay"),
    path("r/<str:code>/evening/", views.evening, name="evening"),
    path("r/<str:code>/evening/card.png", views.evening_card, name="evening_card"),
    path("r/<str:code>/webhooks/", views.webhooks, name="room_webhooks"),
    path("me/", views.me, name="me"),
    path("verify/", views.verify, name="verify"),
    path(".well-known/ringside-receipts.json", receipt_calls.well_known),
]

api_urlpatterns = [
    path("auth/me/", market_calls.Me.as_view()),
    path("me/bets/", market_calls.MyBets.as_view()),
    path("me/refill/", market_calls.Refill.as_view()),
    path("me/receipts/<int:seq>/", receipt_calls.MyReceipt.as_view()),
    path("verify/", receipt_calls.Verify.as_view()),
    path("me/ledger/", market_calls.MyLedger.as_view()),
    path("rooms/<str:code>/markets/", market_listing.RoomMarkets.as_view()),
    path("rooms/<str:code>/leaderboard/", market_calls.Leaderboard.as_view()),
    path("clubs/<slug:slug>/leaderboard/", club_leaderboard.ClubLeaderboard.as_view()),
    path("rooms/<str:code>/evening/", evening_call.Evening.as_view()),
    path("rooms/<str:code>/drafts/", draft_calls.RoomDrafts.as_view()),
    path("rooms/<str:code>/drafts/order/", draft_calls.Order.as_view()),
    path("rooms/<str:code>/drafts/csv/", draft_calls.File.as_view()),
    path("rooms/<str:code>/drafts/copy/", draft_calls.Copy.as_view()),
    path("rooms/<str:code>/webhooks/", webhook_calls.RoomWebhooks.as_view()),
    path("rooms/<str:code>/webhooks/<int:webhook_id>/", webhook_calls.OneWebhook.as_view()),
    path("rooms/<str:code>/webhooks/<int:webhook_id>/resume/", webhook_calls.Resume.as_view()),
    path("rooms/<str:code>/webhooks/<int:webhook_id>/pause/", webhook_calls.Pause.as_view()),
    path(
        "rooms/<str:code>/webhooks/<int:webhook_id>/deliveries/",
        webhook_calls.Deliveries.as_view(),
    ),
    path(
        "rooms/<str:code>/webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/repeat/",
        webhook_calls.Repeat.as_view(),
    ),
    path("markets/<int:market_id>/", draft_calls.OneMarket.as_view()),
    path("markets/<int:market_id>/duplicate/", draft_calls.Duplicate.as_view()),
    path("markets/<int:market_id>/odds/", draft_calls.Odds.as_view()),
    path("markets/<int:market_id>/result/", market_calls.Result.as_view()),
    path("markets/<int:market_id>/open/", market_calls.Open.as_view()),
    path("markets/<int:market_id>/lock/", market_calls.Lock.as_view()),
    path("markets/<int:market_id>/settle/", market_calls.Settle.as_view()),
    path("markets/<int:market_id>/withdraw/", market_calls.Withdraw.as_view()),
    path("markets/<int:market_id>/void/", market_calls.Void.as_view()),
    path("markets/<int:market_id>/bets/", market_calls.MarketBets.as_view()),
]
