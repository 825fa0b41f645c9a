"""How Django knows this application."""

from django.apps import AppConfig


class ComptesConfig(AppConfig):
    """The accounts."""

    name = "web.comptes"
    label = "comptes"
    verbose_name = "Comptes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to who comes in."""
        from web.comptes import entree  # noqa: F401, PLC0415 - Django's own pattern: listeners are read once models are
