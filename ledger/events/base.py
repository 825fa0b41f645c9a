"""What every event is: a frozen, strict payload with a stored name that never changes.

An event says what happened and nothing about who wrote it, when, or how it became known: that is the envelope's
(:mod:`ledger.entry`). The registry below is closed: a stored name gives a class of this package or nothing at all,
so a forged name in the database can never run code.
"""

from functools import cache
from typing import Annotated, Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, StringConstraints

from ledger.events.types import Flux

Ref = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""Une référence donnée par la source (numéro de dossier, de ticket, identifiant pseudonyme) : 1 à 200 caractères."""

Court = Annotated[str, StringConstraints(min_length=1, max_length=500)]
"""Un libellé court : 1 à 500 caractères."""

Texte = Annotated[str, StringConstraints(max_length=100_000)]
"""Un texte libre, gardé tel quel : 100 000 caractères au plus."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""Une empreinte SHA-256 en 64 chiffres hexadécimaux minuscules."""

Article = Annotated[str, StringConstraints(min_length=2, max_length=120)]
"""Un article cité : code et numéro, par exemple « CESEDA R.431-15-1 al. 2 »."""

REGISTRY: Final[dict[str, type["Event"]]] = {}


class Event(BaseModel):
    """Un fait, sans son enveloppe."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True, allow_inf_nan=False
    )

    nom: ClassVar[str]
    flux: ClassVar[Flux]
    ligne: ClassVar[int]
    version: ClassVar[int]
    tout_flux: ClassVar[bool] = False
    """Whether the fact may be appended to a stream of any kind, not only to those of ``flux``."""
    ecrit_par: ClassVar[str | None] = None
    """The command that alone writes it, since it does what the fact says; ``None``: it may come from outside."""

    def __init_subclass__(
        cls,
        *,
        nom: str,
        flux: Flux,
        ligne: int = 0,
        version: int = 1,
        tout_flux: bool = False,
        ecrit_par: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        if nom in REGISTRY:
            msg = f"stored name used twice: {nom}"
            raise TypeError(msg)
        cls.nom, cls.flux, cls.ligne, cls.version, cls.tout_flux = nom, flux, ligne, version, tout_flux
        cls.ecrit_par = ecrit_par
        REGISTRY[nom] = cls

    @classmethod
    def titre_fr(cls) -> str:
        """The sentence that the history shows: the first line of the docstring, without its full stop."""
        return _titre(cls)

    def lire_champ(self, nom: str) -> Any:
        """The field ``nom``, or ``None`` where this type has none: facts of many types are asked alike."""
        return self.__dict__.get(nom)


@cache
def _titre(event: type[Event]) -> str:
    return (event.__doc__ or event.nom).strip().split("\n", 1)[0].rstrip(".")
