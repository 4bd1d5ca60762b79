"""Addresses of the bids wing."""

from django.urls import path

from bids.views import awards, decision, objections, publication, work, submission

urlpatterns = [
    path("", work.work, name="work"),
    # publication
    path("tenders/<uuid:pk>/", publication.tender, name="tender"),
    path("tenders/<uuid:pk>/publish/", publication.publish, name="publish"),
    path("tenders/<uuid:pk>/cancel/", publication.cancel, name="cancel"),
    # submission
    path("tenders/<uuid:pk>/bid/", submission.bid, name="bid"),
    path("tenders/<uuid:pk>/bid/submit/", submission.bid_submit, name="bid-submit"),
    path("tenders/<uuid:pk>/bid/withdraw/", submission.bid_withdraw, name="bid-withdraw"),
    path("tenders/<uuid:pk>/bid/files/", submission.bid_file_add, name="bid-file-add"),
    path("tenders/<uuid:pk>/bid/files/<uuid:file>/remove/", submission.bid_file_remove, name="bid-file-remove"),
    path("attachments/<uuid:pk>/", submission.attachment, name="attachment"),
    # decision
    path("tenders/<uuid:pk>/decision/", decision.decision, name="decision"),
    path("tenders/<uuid:pk>/decision/workbook/", decision.workbook, name="workbook"),
    path("tenders/<uuid:pk>/decision/case/", decision.case_json, name="case-file"),
    path("tenders/<uuid:pk>/decision/result/", decision.result_json, name="result-file"),
    path("tenders/<uuid:pk>/decision/present/", decision.present, name="present"),
    path("tenders/<uuid:pk>/objections/new/", objections.objection_new, name="objection-new"),
    path("objections/<int:pk>/", objections.objection, name="objection"),
    path("objections/<int:pk>/answer/", objections.objection_answer, name="objection-answer"),
    path("tenders/<uuid:pk>/award/", awards.award, name="award"),
]
