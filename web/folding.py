"""Texts as they are searched: small letters of any alphabet, composed and decomposed alike.

`folded` is the form; `Folded` is a column that keeps it; `column__folded=words` finds what holds
the words, in such a column or in one that is searched seldom.
"""

import unicodedata
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Contains
from django.db.models.sql.compiler import SQLCompiler

from web.characters import BLANK, JOINERS

FOLDED_CHARACTERS_MAX = 400
FILLED_AT_ONCE = 1_000
_FUNCTION = "ringside_folded"
_UNDRAWN = BLANK | dict.fromkeys(map(ord, JOINERS))
_DOTTED_I = "i\u0307"
_TWO_LETTERS = {"\u00df": "ss", "\u1e9e": "SS"}


def folded(text: str) -> str:
    """A text as it is searched: without regard to case, form, width, joiners and dots of an i."""
    plain = unicodedata.normalize("NFKD", text).translate(_UNDRAWN).casefold()
    # Of Turkish and German names people type either.
    plain = plain.replace(_DOTTED_I, "i").replace("\u0131", "i")
    return " ".join(unicodedata.normalize("NFKC", plain).split())


class Folded(models.CharField):  # type: ignore[type-arg]
    """The folded form of the column `of`, made whenever both are saved.

    What writes without saving a row, as `update`, names this column too.
    """

    def __init__(self, *args: Any, of: str, **options: Any) -> None:
        self.of = of
        fixed = {"max_length": FOLDED_CHARACTERS_MAX, "default": "", "db_default": ""}
        super().__init__(*args, **{**options, **fixed, "editable": False})

    def deconstruct(self) -> Any:
        """As stock, with the column it is made of."""
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """The folded form of what the other column holds now."""
        text = folded(getattr(model_instance, self.of))[:FOLDED_CHARACTERS_MAX]
        setattr(model_instance, self.attname, text)
        return text


@models.CharField.register_lookup
@models.TextField.register_lookup
class FoldedContains(Contains):
    """Whether a text holds these words, in any case and form."""

    lookup_name = "folded"

    def get_prep_lookup(self) -> Any:
        """The words as the column has them: folded, or composed where the database folds."""
        self.words = str(self.rhs)
        return folded(self.words)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """By the column, or by our own function."""
        if not self._is_kept():
            connection.ensure_connection()
            connection.connection.create_function(_FUNCTION, 1, _folded_or_null, deterministic=True)
        return self._contains(compiler, connection, "%s" if self._is_kept() else f"{_FUNCTION}(%s)")

    def as_mysql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """By the column, or by a collation that knows all alphabets: columns compare bytes.

        LIKE compares character by character, so a letter that is two is written out on both sides.
        """
        if self._is_kept():
            return self._contains(compiler, connection, "%s")
        self.rhs = unicodedata.normalize("NFC", self.words)
        text = "CONVERT(%s USING utf8mb4)"
        for letter, letters in _TWO_LETTERS.items():
            self.rhs = self.rhs.replace(letter, letters)
            text = f"REPLACE({text}, '{letter}', '{letters}')"
        return self._contains(compiler, connection, f"{text} COLLATE utf8mb4_unicode_520_ci")

    def _is_kept(self) -> bool:
        return isinstance(self.lhs.output_field, Folded)

    def _contains(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, shaped: str
    ) -> tuple[str, list[Any]]:
        column, params = compiler.compile(self.lhs)
        words, words_params = self.process_rhs(compiler, connection)
        escape = " ESCAPE '\\'" if connection.vendor == "sqlite" else ""
        return f"{shaped % column} LIKE {words}{escape}", [*params, *words_params]


def _folded_or_null(text: Any) -> str | None:
    return None if text is None else folded(str(text))


def fill(model: Any, column: str) -> None:
    """Fold what rows hold that are older than a `Folded` column, a thousand at a time."""
    of = model._meta.get_field(column).of
    last = 0
    while rows := list(model.objects.filter(pk__gt=last).order_by("pk")[:FILLED_AT_ONCE]):
        for row in rows:
            setattr(row, column, folded(getattr(row, of))[:FOLDED_CHARACTERS_MAX])
        model.objects.bulk_update(rows, [column])
        last = rows[-1].pk
