"""Addresses of the bids wing."""

from django.urls import path

from bids.views import (
    approvers,
    awards,
    complaints,
    decision,
    declarations,
    differences,
    imports,
    keys,
    ledger,
    lots,
    objections,
    opening,
    papers,
    promises,
    publication,
    resolutions,
    score_sheet,
    scoring,
    submission,
    vendors,
    verification,
    waivers,
    work,
)

urlpatterns = [
    path("", work.work, name="work"),
    # opening keys
    path("key/", keys.opening_key, name="opening-key"),
    path("key/make/", keys.opening_key_enrol, name="opening-key-enrol"),
    path("key/drill/", keys.opening_key_drill, name="opening-key-drill"),
    # the ledger of overruled advice
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/workbook/", ledger.ledger_workbook, name="ledger-workbook"),
    path("ledger/<str:kind>/<int:record>/", ledger.ledger_row, name="ledger-row"),
    # publication
    path("tenders/<uuid:pk>/", publication.tender, name="tender"),
    path("tenders/<uuid:pk>/publish/", publication.publish, name="publish"),
    path("tenders/<uuid:pk>/cancel/", publication.cancel, name="cancel"),
    # submission
    path("tenders/<uuid:pk>/bid/", submission.bid, name="bid"),
    path("tenders/<uuid:pk>/bid/submit/", submission.bid_submit, name="bid-submit"),
    path("tenders/<uuid:pk>/bid/withdraw/", submission.bid_withdraw, name="bid-withdraw"),
    path("tenders/<uuid:pk>/bid/files/", submission.bid_file_add, name="bid-file-add"),
    path(
        "tenders/<uuid:pk>/bid/files/<uuid:file>/remove/", submission.bid_file_remove, name="bid-file-remove"
    ),
    path("attachments/<uuid:pk>/", submission.attachment, name="attachment"),
    # opening
    path("tenders/<uuid:pk>/opening/", opening.opening, name="opening"),
    path("tenders/<uuid:pk>/opening/bidders/", opening.name_bidders, name="name-bidders"),
    path("tenders/<uuid:pk>/opening/bids/", opening.open_technical, name="open-technical"),
    path("tenders/<uuid:pk>/opening/lock/", opening.lock_marks, name="lock-marks"),
    path("tenders/<uuid:pk>/opening/prices/", opening.open_prices, name="open-prices"),
    path("tenders/<uuid:pk>/declaration/", declarations.declaration, name="declaration"),
    path("declarations/<int:pk>/settle/", declarations.declaration_settle, name="declaration-settle"),
    path("tenders/<uuid:pk>/recusals/", opening.recuse, name="recuse"),
    path("recusals/<int:pk>/lift/", declarations.recusal_lift, name="recusal-lift"),
    path("tenders/<uuid:pk>/members/", declarations.member_appoint, name="member-appoint"),
    path("seats/<int:pk>/presence/", opening.seat_presence, name="seat-presence"),
    path("tenders/<uuid:pk>/record/", imports.evaluation_import, name="record-evaluation"),
    path(
        "tenders/<uuid:pk>/record/<str:kind>.<str:extension>",
        imports.evaluation_template,
        name="record-template",
    ),
    # verification
    path("tenders/<uuid:pk>/verification/", verification.verification, name="verification"),
    path("claims/<int:pk>/finding/", verification.finding_save, name="finding-save"),
    path("claims/<int:pk>/not-applicable/", verification.not_applicable_accept, name="not-applicable-accept"),
    path("bids/<uuid:pk>/exclude/", verification.bid_exclude, name="bid-exclude"),
    # waivers
    path("tenders/<uuid:pk>/waivers/", waivers.waivers, name="waivers"),
    path("claims/<int:pk>/waiver/", waivers.waiver_new, name="waiver-new"),
    path("waivers/<int:pk>/", waivers.waiver, name="waiver"),
    path("waivers/<int:pk>/sign/", waivers.waiver_sign, name="waiver-sign"),
    path("waivers/<int:pk>/refuse/", waivers.waiver_refuse, name="waiver-refuse"),
    # scoring
    path("tenders/<uuid:pk>/marks/", scoring.marks, name="marks"),
    path("tenders/<uuid:pk>/marks/<int:criterion>/<uuid:bid>/", scoring.mark_save, name="mark-save"),
    path("tenders/<uuid:pk>/marks/submit/", scoring.marks_submit, name="marks-submit"),
    path("tenders/<uuid:pk>/marks/sheet.xlsx", score_sheet.score_sheet, name="score-sheet"),
    path("tenders/<uuid:pk>/marks/sheet/", score_sheet.score_sheet_upload, name="score-sheet-upload"),
    path(
        "tenders/<uuid:pk>/marks/<int:criterion>/first-opinion/", scoring.first_opinion, name="first-opinion"
    ),
    path("tenders/<uuid:pk>/marks/<int:criterion>/agreed/", scoring.agreed_save, name="agreed-save"),
    # differences
    path("tenders/<uuid:pk>/differences/", differences.differences, name="differences"),
    path("tenders/<uuid:pk>/differences/<int:mark>/correct/", differences.mark_correct, name="mark-correct"),
    path("tenders/<uuid:pk>/resolutions/", resolutions.resolutions, name="resolutions"),
    path("tenders/<uuid:pk>/resolutions/new/", resolutions.resolution_new, name="resolution-new"),
    path("resolutions/<int:pk>/dissent/", resolutions.dissent_new, name="dissent-new"),
    path("tenders/<uuid:pk>/rounds/<int:number>/", resolutions.round_page, name="round"),
    path("tenders/<uuid:pk>/rounds/<int:number>/<str:kind>.json", resolutions.round_file, name="round-case"),
    path("tenders/<uuid:pk>/lots/", lots.lots, name="lots"),
    path("tenders/<uuid:pk>/lots/draw/", lots.lots_draw, name="lots-draw"),
    path("tenders/<uuid:pk>/lots/announce/", lots.lots_announce, name="lots-announce"),
    path("tenders/<uuid:pk>/lots/<int:draw>/seed/", lots.lots_seed, name="lots-seed"),
    # decision
    path("tenders/<uuid:pk>/decision/", decision.decision, name="decision"),
    path("tenders/<uuid:pk>/decision/workbook/", decision.workbook, name="workbook"),
    path("tenders/<uuid:pk>/decision/case/", decision.case_json, name="case-file"),
    path("tenders/<uuid:pk>/decision/result/", decision.result_json, name="result-file"),
    path("tenders/<uuid:pk>/decision/present/", decision.present, name="present"),
    path("objections/", objections.objections, name="objections"),
    path("tenders/<uuid:pk>/objections/", objections.tender_objections, name="tender-objections"),
    path("tenders/<uuid:pk>/approver/", approvers.approver_name, name="approver-name"),
    path("tenders/<uuid:pk>/objections/new/", objections.objection_new, name="objection-new"),
    path("objections/<int:pk>/", objections.objection, name="objection"),
    path("objections/<int:pk>/answer/", objections.objection_answer, name="objection-answer"),
    path("objections/<int:pk>/opinion/", objections.objection_statement, name="objection-statement"),
    path("objections/<int:pk>/withdrawal/", objections.objection_withdraw, name="objection-withdraw"),
    path("objections/<int:pk>/remedy/", objections.objection_remedy, name="objection-remedy"),
    path(
        "objections/<int:pk>/conditions/<int:condition>/met/", objections.condition_met, name="condition-met"
    ),
    path("objection-files/<uuid:pk>/", objections.objection_file, name="objection-file"),
    path("tenders/<uuid:pk>/recommendation/", awards.recommendation, name="recommendation"),
    path("tenders/<uuid:pk>/approval/", awards.approve, name="approve"),
    path("tenders/<uuid:pk>/award/", awards.award, name="award"),
    path("tenders/<uuid:pk>/complaints/new/", complaints.complaint_new, name="complaint-new"),
    path("complaints/<int:pk>/", complaints.complaint, name="complaint"),
    path("complaints/<int:pk>/answer/", complaints.complaint_answer, name="complaint-answer"),
    # papers
    path("tenders/<uuid:pk>/papers/", papers.papers, name="papers"),
    path("tenders/<uuid:pk>/papers/<slug:paper>/", papers.paper, name="paper"),
    path("bids/<uuid:pk>/letter/", papers.letter, name="letter"),
    # promises
    path("acceptance/", promises.acceptance, name="acceptance"),
    path("tenders/<uuid:pk>/promises/", promises.promises, name="promises"),
    path("tenders/<uuid:pk>/promises/target/", promises.target_set, name="target-set"),
    path("tenders/<uuid:pk>/promises/exception/", promises.live_exception, name="live-exception"),
    path("tenders/<uuid:pk>/promises/live/", promises.go_live, name="go-live"),
    path("promises/<int:pk>/", promises.promise, name="promise"),
    path("promises/<int:pk>/plan/", promises.promise_plan, name="promise-plan"),
    path("promises/<int:pk>/sign-off/", promises.promise_sign, name="promise-sign"),
    path("sign-offs/<uuid:pk>/file/", promises.sign_off_file, name="sign-off-file"),
    # the record of vendors
    path("vendors/", vendors.vendors, name="vendors"),
    path("vendors/<int:pk>/", vendors.vendor, name="vendor"),
    path("vendors/<int:pk>/incidents/new/", vendors.incident_new, name="incident-new"),
    path("incidents/<int:pk>/close/", vendors.incident_close, name="incident-close"),
]
