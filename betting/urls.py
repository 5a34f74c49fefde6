"""The addresses of markets, bets and coins."""

from django.urls import path

from betting import (
    api,
    club_api,
    drafts_api,
    evening_api,
    markets_api,
    receipts_api,
    views,
    webhooks_api,
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
    path(".well-known/ringside-receipts.json", receipts_api.well_known),
]

api_urlpatterns = [
    path("auth/me/", api.Me.as_view()),
    path("me/bets/", api.MyBets.as_view()),
    path("me/refill/", api.Refill.as_view()),
    path("me/receipts/<int:seq>/", receipts_api.MyReceipt.as_view()),
    path("verify/", receipts_api.Verify.as_view()),
    path("me/ledger/", api.MyLedger.as_view()),
    path("rooms/<str:code>/markets/", markets_api.RoomMarkets.as_view()),
    path("rooms/<str:code>/leaderboard/", api.Leaderboard.as_view()),
    path("clubs/<slug:slug>/leaderboard/", club_api.ClubLeaderboard.as_view()),
    path("rooms/<str:code>/evening/", evening_api.Evening.as_view()),
    path("rooms/<str:code>/drafts/", drafts_api.RoomDrafts.as_view()),
    path("rooms/<str:code>/drafts/order/", drafts_api.Order.as_view()),
    path("rooms/<str:code>/drafts/csv/", drafts_api.File.as_view()),
    path("rooms/<str:code>/drafts/copy/", drafts_api.Copy.as_view()),
    path("rooms/<str:code>/webhooks/", webhooks_api.RoomWebhooks.as_view()),
    path("rooms/<str:code>/webhooks/<int:webhook_id>/", webhooks_api.OneWebhook.as_view()),
    path("rooms/<str:code>/webhooks/<int:webhook_id>/resume/", webhooks_api.Resume.as_view()),
    path("rooms/<str:code>/webhooks/<int:webhook_id>/pause/", webhooks_api.Pause.as_view()),
    path(
        "rooms/<str:code>/webhooks/<int:webhook_id>/deliveries/",
        webhooks_api.Deliveries.as_view(),
    ),
    path(
        "rooms/<str:code>/webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/repeat/",
        webhooks_api.Repeat.as_view(),
    ),
    path("markets/<int:market_id>/", drafts_api.OneMarket.as_view()),
    path("markets/<int:market_id>/duplicate/", drafts_api.Duplicate.as_view()),
    path("markets/<int:market_id>/odds/", drafts_api.Odds.as_view()),
    path("markets/<int:market_id>/result/", api.Result.as_view()),
    path("markets/<int:market_id>/open/", api.Open.as_view()),
    path("markets/<int:market_id>/lock/", api.Lock.as_view()),
    path("markets/<int:market_id>/settle/", api.Settle.as_view()),
    path("markets/<int:market_id>/withdraw/", api.Withdraw.as_view()),
    path("markets/<int:market_id>/void/", api.Void.as_view()),
    path("markets/<int:market_id>/bets/", api.MarketBets.as_view()),
]
