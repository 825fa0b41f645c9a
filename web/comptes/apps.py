"""How Django knows this application."""

from django.apps import AppConfig


class ComptesConfig(AppConfig):
    """The accounts."""

    name = "web.comptes"
    label = "comptes"
    verbose_name = "Comptes"
    default_auto_field = "django.db.models.BigAutoField"
