"""Templates of specifications, and tenders that start from one or from a past tender."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from procurement import queries, rules
from procurement.actions.reusing import (
    delete_template,
    save_template,
    start_from_template,
    start_from_tender,
)
from procurement.forms.reusing import StartForm, TemplateForm
from procurement.models import SpecificationTemplate, Tender
from procurement.templatetags.figures import listed
from procurement.views.saving import attempt


@require_http_methods(["GET", "POST"])
def tender_start(request: HttpRequest) -> HttpResponse:
    """Start a draft from a template or a past tender."""
    rules.can_create_tender(request.user).enforce()
    form = StartForm(request.POST or None, user=request.user, also=request.GET.get("source", ""))
    if form.is_valid():
        started = _started(request, form)
        if started is not None:
            messages.success(request, _("The draft is stored. Eight questions say what it has to ask."))
            if started.dropped:
                text = _("These are no longer there and were left out: %(names)s.")
                messages.warning(request, text % {"names": listed(started.dropped)})
            return redirect("tender", started.tender.pk)
    context = {"form": form, "templates": SpecificationTemplate.objects.all()}
    return render(request, "procurement/start.html", context, status=422 if form.is_bound else 200)


def _started(request: HttpRequest, form: StartForm) -> Any:
    """What was started, or None with the reason in the form."""
    source = form.chosen
    named = {name: form.cleaned_data[name] for name in ("reference", "title")}
    data = {"actor": request.user, "now": request.now} | named
    if isinstance(source, Tender):
        return attempt(form, start_from_tender, past=source, **data)
    if source is not None:
        return attempt(form, start_from_template, template=source, **data)
    form.add_error("source", _("It is no longer there. Choose another one."))
    return None


@require_http_methods(["GET", "POST"])
def template_save(request: HttpRequest, pk: str) -> HttpResponse:
    """Keep the specification of a tender as a template."""
    rules.can_create_tender(request.user).enforce()
    tender = get_object_or_404(queries.tenders_visible_to(request.user), pk=pk)
    form = TemplateForm(request.POST or None, initial={"name": tender.title})
    if form.is_valid() and attempt(
        form, save_template, actor=request.user, tender=tender, now=request.now, **form.cleaned_data
    ):
        messages.success(request, _("“%(name)s” is kept.") % {"name": form.cleaned_data["name"]})
        return redirect("tender-start")
    context = {"form": form, "tender": tender}
    return render(request, "procurement/template.html", context, status=422 if form.is_bound else 200)


@require_POST
def template_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a template away."""
    rules.can_create_tender(request.user).enforce()
    row = get_object_or_404(SpecificationTemplate, pk=pk)
    delete_template(actor=request.user, template=row, now=request.now)
    messages.success(request, _("“%(row)s” is deleted.") % {"row": row})
    return redirect("tender-start")
