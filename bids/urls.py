"""Addresses of the bids wing."""

urlpatterns: list = []
