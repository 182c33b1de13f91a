"""Makes pages of templates; whatever is put into one is text, never markup."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

from core.accounts import AccountRole
from core.errors import DatabaseAwayError
from core.settings import Settings
from web import assets
from web.access.who import Who
from web.navigation import ENTRIES, SECTIONS, nearest
from web.spoken import filters
from web.texts import texts

_TEMPLATES: Final = Path(__file__).parent / "templates"


class Renderer:
    """The templates, the words, and where scripts and styles are.

    Parameters
    ----------
    settings
        The whole tree.
    overdue
        Counts the studies with positive flags that nobody opened in time; asked for each page of a
        radiologist.
    """

    def __init__(self, settings: Settings, overdue: Callable[[], int]) -> None:
        self._settings = settings
        self._overdue = overdue
        self._assets = f"/static/{assets.digest_of()}"
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._templates.install_gettext_translations(  # type: ignore[attr-defined]  # by i18n
            texts(settings.site.language), newstyle=True
        )
        self._templates.globals["asset"] = self.asset
        self._templates.filters.update(filters(settings.site.timezone))

    @property
    def assets_path(self) -> str:
        """Where scripts and styles are."""
        return self._assets

    def asset(self, name: str) -> str:
        """Give the address of a script or style."""
        return f"{self._assets}/{name}"

    def page(
        self, request: Request, template: str, /, *, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """Make a page, or a part of one, of a template.

        Parameters
        ----------
        request
            What is answered; `who` in templates is the person behind it, or None.
        template
            Its file below `web/templates`.
        status
            Of the answer.
        **context
            Further names for the template.
        """
        who: Who | None = getattr(request.state, "who", None)
        path = request.url.path
        entries = [entry for entry in ENTRIES if who is not None and who.may(*entry.roles)]
        sections = [entry for entry in SECTIONS if who is not None and who.may(*entry.roles)]
        return HTMLResponse(
            self._templates.get_template(template).render(
                who=who,
                entries=entries,
                here=nearest(entries, path),
                sections=sections,
                section=nearest(sections, path),
                overdue=lambda: self._overdue_for(who),
                path=path,
                site=self._settings.site,
                web=self._settings.web,
                **context,
            ),
            status_code=status,
        )

    def _overdue_for(self, who: Who | None) -> int | None:
        """Give the number that stands in a radiologist's bar; None where none does."""
        if who is None or who.locked or not who.may(AccountRole.RADIOLOGIST):
            return None
        try:
            return self._overdue()
        except DatabaseAwayError:
            # What the page has to say is said without it.
            return None
