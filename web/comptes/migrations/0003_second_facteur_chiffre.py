from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from web.comptes import coffre, facteurs

ANCIENNES = ("otp_static_statictoken", "otp_static_staticdevice", "otp_totp_totpdevice")
"""Where django-otp kept keys and recovery codes as they are."""


def reprendre(apps: Any, schema_editor: Any) -> None:
    """Second factors that were in clear go on working; the tables that had them in clear are gone."""
    del apps
    with schema_editor.connection.cursor() as cursor:
        known = set(schema_editor.connection.introspection.table_names(cursor))
        if not known.issuperset(ANCIENNES):
            return
        cursor.execute(
            "SELECT DISTINCT ON (user_id) user_id, name, key, drift, last_t, created_at FROM otp_totp_totpdevice"
            " WHERE confirmed ORDER BY user_id, id DESC"
        )
        cursor.executemany(
            "INSERT INTO comptes_application (user_id, name, cle_chiffree, derive, dernier_pas, created_at, confirmed,"
            " throttling_failure_count) VALUES (%s, %s, %s, %s, %s, %s, true, 0)",
            [
                (compte, nom, facteurs.fermer(bytes.fromhex(key), compte), *rest)
                for compte, nom, key, *rest in cursor.fetchall()
            ],
        )
        cursor.execute(
            "INSERT INTO comptes_secours (id, user_id, name, confirmed, throttling_failure_count, created_at)"
            " OVERRIDING SYSTEM VALUE"
            " SELECT id, user_id, name, confirmed, 0, created_at FROM otp_static_staticdevice"
        )
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('comptes_secours', 'id'), coalesce(max(id), 0) + 1, false)"
            " FROM comptes_secours"
        )
        cursor.execute(
            "SELECT d.id, d.user_id, t.token FROM otp_static_statictoken AS t"
            " JOIN otp_static_staticdevice AS d ON d.id = t.device_id"
        )
        cursor.executemany(
            "INSERT INTO comptes_codedesecours (appareil_id, empreinte) VALUES (%s, %s)",
            [
                (appareil, coffre.empreintes(code, facteurs.domaine(compte))[0])
                for appareil, compte, code in cursor.fetchall()
            ],
        )
        cursor.execute(f"DROP TABLE {', '.join(ANCIENNES)}")
        cursor.execute("DELETE FROM django_migrations WHERE app IN ('otp_totp', 'otp_static')")


class Migration(migrations.Migration):
    dependencies = [
        ("comptes", "0002_invitation"),
    ]

    operations = [
        migrations.CreateModel(
            name="Secours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="The human-readable name of this device.", max_length=64)),
                ("confirmed", models.BooleanField(default=True, help_text="Is this device ready for use?")),
                (
                    "throttling_failure_timestamp",
                    models.DateTimeField(
                        blank=True,
                        default=None,
                        help_text="A timestamp of the last failed verification attempt. Null if last attempt succeeded.",
                        null=True,
                    ),
                ),
                (
                    "throttling_failure_count",
                    models.PositiveIntegerField(default=0, help_text="Number of successive failed attempts."),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        help_text="The date and time when this device was initially created in the system.",
                        null=True,
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        blank=True, help_text="The most recent date and time this device was used.", null=True
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        help_text="The user that this device belongs to.",
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "codes de secours",
            },
        ),
        migrations.CreateModel(
            name="CodeDeSecours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("empreinte", models.CharField(editable=False, max_length=64)),
                (
                    "appareil",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="codes", to="comptes.secours"
                    ),
                ),
            ],
            options={
                "verbose_name": "code de secours",
            },
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="The human-readable name of this device.", max_length=64)),
                ("confirmed", models.BooleanField(default=True, help_text="Is this device ready for use?")),
                (
                    "throttling_failure_timestamp",
                    models.DateTimeField(
                        blank=True,
                        default=None,
                        help_text="A timestamp of the last failed verification attempt. Null if last attempt succeeded.",
                        null=True,
                    ),
                ),
                (
                    "throttling_failure_count",
                    models.PositiveIntegerField(default=0, help_text="Number of successive failed attempts."),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        help_text="The date and time when this device was initially created in the system.",
                        null=True,
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        blank=True, help_text="The most recent date and time this device was used.", null=True
                    ),
                ),
                ("cle_chiffree", models.BinaryField()),
                ("derive", models.SmallIntegerField(default=0)),
                ("dernier_pas", models.BigIntegerField(default=-1)),
                (
                    "user",
                    models.ForeignKey(
                        help_text="The user that this device belongs to.",
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "application d'authentification",
                "constraints": [models.UniqueConstraint(fields=("user",), name="une_application_par_compte")],
            },
        ),
        migrations.RunPython(reprendre),
    ]
