from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        # Unlogged: a crash of the server empties it, and every bucket is full again.
        migrations.RunSQL(
            "CREATE UNLOGGED TABLE seau (cle bytea PRIMARY KEY, plein_le timestamptz NOT NULL);"
            "CREATE INDEX seau_plein ON seau (plein_le)",
            "DROP TABLE seau",
        )
    ]
