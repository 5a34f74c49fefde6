"""Pages of the admin for looking closely: readable times, live beside SQL, acts with a reason.

An app above adds sections and acts to the pages of an app below, which does not know them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from web import limits, times
from web.admin_site.admin_lists import ConventionalList
from web.refusals import CODES, Refused, Words

# `behind`: SQL has not recorded everything yet, and nothing else is wrong.
Verdict = Literal["", "same", "behind", "differs", "away"]
Figure = Words | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure: as the live engine has it now, as SQL shows it, and what to think of it."""

    label: Words
    live: Figure = ""
    sql: Figure = ""
    verdict: Verdict = ""
    remark: Words = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table on an object's page. `live` and `sql` head the columns of the figures."""

    title: Words
    live: Words
    lines: Sequence[Line]
    sql: Words = "SQL"
    note: Words = ""
    links: Sequence[tuple[str, Words]] = ()


class HalfDone(Exception):
    """An act that could not be ended; the sentence says what is done and what is not."""


class WithReason(forms.Form):
    """What every act asks for."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=limits.REASON_CHARACTERS_MAX,
        widget=forms.TextInput(attrs={"size": 60}),
    )


class ChosenWithReason(ActionForm):
    """The reason, beside the actions of a list."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=limits.REASON_CHARACTERS_MAX, required=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something an operator may do to an object; who, when, what and why is kept in its history.

    `run` gets the request, the object and the cleaned form, and returns a sentence or nothing; it
    may raise Refused or HalfDone. `effect` says what will happen, before it does.
    """

    name: str
    label: Words
    effect: Words
    run: Callable[[HttpRequest, Any, dict[str, Any]], str | None]
    may: Callable[[HttpRequest], bool]
    offered: Callable[[Any], bool] = lambda _: True
    form: type[forms.Form] = WithReason
    in_lists: bool = False


@dataclass(slots=True)
class Extras:
    """What apps above add to the page of a model below."""

    sections: list[Callable[[HttpRequest, Any], Section]] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)


class ReadableTimes(ConventionalList):
    """Columns that hold a moment are shown as times; `help_texts` explain fields of forms."""

    help_texts: ClassVar[Mapping[str, Words]] = {}

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show the form and save what it says; a refusal is told on it, and nothing is saved."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as refused:
            self.message_user(request, str(_refusal(refused)), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kwargs = {"help_texts": self.help_texts, **kwargs}
        return super().get_form(request, obj, change=change, **kwargs)

    def get_list_display(self, request: HttpRequest) -> Any:
        return [self._readable(name) for name in super().get_list_display(request)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [self._readable(name) for name in super().get_readonly_fields(request, obj)]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Times that cannot be changed are shown as times; fields of forms stay as they are."""
        found = super().get_fieldsets(request, obj)
        may_change = self.has_change_permission(request, obj) if obj else True
        fixed = super().get_readonly_fields(request, obj)

        def told(name: Any) -> Any:
            return self._readable(name) if not may_change or name in fixed else name

        # The stock form adds a column by its name although it is among the fixed ones as a time.
        return [
            (title, {**options, "fields": list(dict.fromkeys(map(told, options["fields"])))})
            for title, options in found
        ]

    def _readable(self, name: Any) -> Any:
        return times.readable(self.opts.label, name)


class Unwritten(ReadableTimes):
    """Rows that nobody adds or changes here; they may be removed by permission."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class ReadOnly(Unwritten):
    """Rows that may be seen by permission, and changed by nobody."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class ReadableInline(admin.TabularInline):  # type: ignore[type-arg]
    """Readable times for rows on another object's page, all of whose fields are read-only."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [times.readable(self.opts.label, name) for name in self.fields or ()]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)


class Inspected(ReadableTimes):
    """A page with sections above the form, and acts that ask for a reason."""

    change_form_template = "admin/inspect.html"
    action_form = ChosenWithReason
    extras: ClassVar[Extras]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.extras = Extras()

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        view = self.admin_site.admin_view(self.act_view)
        return [path("<int:pk>/act/<slug:act>/", view, name=name), *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> Any:
        """The stock actions, and those acts that may be taken on several at once."""
        found = super().get_actions(request)
        for act in self.extras.acts:
            if act.in_lists and act.may(request):
                found[act.name] = (_on_chosen(act), act.name, str(act.label))
        return found

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None:
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_act"
            context["sections"] = [section(request, obj) for section in self.extras.sections]
            context["acts"] = [
                (reverse(name, args=[obj.pk, act.name]), act)
                for act in self.extras.acts
                if act.may(request) and act.offered(obj)
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    def act_view(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        """Say what an act will do and ask for the reason; a POST does it."""
        obj = self.get_object(request, str(pk))
        chosen = next((each for each in self.extras.acts if each.name == act), None)
        if obj is None or chosen is None:
            raise Http404
        if not chosen.may(request):
            raise PermissionDenied
        form = chosen.form(request.POST or None)
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])
        if request.method == "POST" and form.is_valid():
            carry_out(self, request, chosen, obj, form.cleaned_data)
            return HttpResponseRedirect(page)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{chosen.label}: {obj}",
            "act": chosen,
            "form": form,
            "original": obj,
            "opts": self.opts,
            "page": page,
        }
        return TemplateResponse(request, "admin/act.html", context)


def carry_out(
    model_admin: "admin.ModelAdmin[Any]",
    request: HttpRequest,
    act: Act,
    obj: Model,
    said: dict[str, Any],
) -> None:
    """Take an act, keep it in the object's history, and tell the operator what came of it."""
    try:
        told = act.run(request, obj, said)
    except Refused as refused:
        model_admin.message_user(request, f"{obj}: {_refusal(refused)}", messages.ERROR)
        return
    except HalfDone as half:
        model_admin.log_change(request, obj, _in_words(half, said))
        model_admin.message_user(request, f"{obj}: {half}", messages.WARNING)
        return
    model_admin.log_change(request, obj, _in_words(told or act.label, said))
    model_admin.message_user(request, f"{obj}: {told or act.label}", messages.SUCCESS)


def _refusal(refused: Refused) -> Words:
    # The wire's own sentence speaks of the id that a client sent; an operator just acts again.
    if refused.message is CODES["unavailable"][1]:
        return _(
            "An engine does not answer, so it is not known whether this was done. Look again in a"
            " moment; doing it once more does no harm."
        )
    return refused.message


def _in_words(what: Words | HalfDone, said: dict[str, Any]) -> str:
    return f"{what}: {said['reason']}" if said.get("reason") else str(what)


def _on_chosen(act: Act) -> Any:
    def run(model_admin: Any, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        reason = request.POST.get("reason", "").strip()
        if not reason:
            model_admin.message_user(request, _("Please give a reason."), messages.ERROR)
            return
        for obj in chosen:
            carry_out(model_admin, request, act, obj, {"reason": reason})

    return run
