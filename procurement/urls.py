"""Addresses of the site."""

from django.urls import include, path

from procurement.views import (
    catalogues,
    imports,
    people,
    preferences,
    profiles,
    register,
    reusing,
    specification,
    tenders,
    trail,
)

handler500 = "procurement.views.faults.broken"

urlpatterns = [
    # the front door
    path("language/", preferences.set_language, name="set-language"),
    path("theme/", preferences.set_theme, name="set-theme"),
    # tenders
    path("tenders/new/", tenders.tender_new, name="tender-new"),
    path("tenders/start/", reusing.tender_start, name="tender-start"),
    path("tenders/<uuid:pk>/template/", reusing.template_save, name="template-save"),
    path("templates/<int:pk>/delete/", reusing.template_delete, name="template-delete"),
    path("tenders/<uuid:pk>/edit/", tenders.tender_edit, name="tender-edit"),
    path("tenders/<uuid:pk>/requirements/new/", specification.requirement_new, name="requirement-new"),
    path("requirements/<int:pk>/edit/", specification.requirement_edit, name="requirement-edit"),
    path("requirements/<int:pk>/delete/", specification.requirement_delete, name="requirement-delete"),
    path("requirements/<int:pk>/move/", specification.requirement_move, name="requirement-move"),
    path("tenders/<uuid:pk>/criteria/new/", specification.criterion_new, name="criterion-new"),
    path("criteria/<int:pk>/edit/", specification.criterion_edit, name="criterion-edit"),
    path("criteria/<int:pk>/delete/", specification.criterion_delete, name="criterion-delete"),
    path("criteria/<int:pk>/move/", specification.criterion_move, name="criterion-move"),
    path("tenders/<uuid:pk>/seats/new/", specification.seat_new, name="seat-new"),
    path("seats/<int:pk>/edit/", specification.seat_edit, name="seat-edit"),
    path("seats/<int:pk>/delete/", specification.seat_delete, name="seat-delete"),
    path("tenders/<uuid:pk>/import/<str:kind>/", imports.tender_import, name="tender-import"),
    path("tenders/<uuid:pk>/import/<str:kind>.xlsx", imports.import_filled, name="import-filled"),
    path("tenders/<uuid:pk>/profile.json", profiles.profile_file, name="profile-file"),
    path("tenders/<uuid:pk>/profile/", profiles.profile_import, name="profile-import"),
    path("import-templates/<str:kind>.<str:extension>", imports.import_template, name="import-template"),
    # people
    path("people/", people.people, name="people"),
    path("people/new/", people.person_new, name="person-new"),
    path("people/<int:pk>/edit/", people.person_edit, name="person-edit"),
    path("people/<int:pk>/activity/", people.person_activity, name="person-activity"),
    path("units/new/", people.unit_new, name="unit-new"),
    path("units/<int:pk>/edit/", people.unit_edit, name="unit-edit"),
    path("vendors/new/", people.vendor_new, name="vendor-new"),
    path("vendors/<int:pk>/edit/", people.vendor_edit, name="vendor-edit"),
    # catalogues
    path("catalogues/", catalogues.catalogues, name="catalogues"),
    path("catalogues/new/", catalogues.catalogue_new, name="catalogue-new"),
    path("catalogues/upload/", catalogues.catalogue_upload, name="catalogue-upload"),
    path("catalogues/baseline/", catalogues.catalogue_baseline, name="catalogue-baseline"),
    path("catalogues/template.<str:extension>", catalogues.catalogue_template, name="catalogue-template"),
    path("catalogues/<int:pk>/", catalogues.catalogue, name="catalogue"),
    path(
        "catalogues/<int:pk>/against/<int:other>/",
        catalogues.catalogue_difference,
        name="catalogue-difference",
    ),
    # the register of exceptions
    path("register/", register.register, name="register"),
    path("register/new/", register.register_new, name="register-new"),
    path("register/workbook/", register.workbook, name="register-workbook"),
    path("register/<int:pk>/", register.register_entry, name="register-entry"),
    path("register/<int:pk>/security/", register.register_advise, name="register-advise"),
    path("register/<int:pk>/decision/", register.register_decide, name="register-decide"),
    path("register/<int:pk>/end/", register.register_close, name="register-close"),
    # what happened
    path("trail/", trail.trail, name="trail"),
    path("trail/verify/", trail.verify, name="trail-verify"),
    path("", include("bids.urls")),
]
