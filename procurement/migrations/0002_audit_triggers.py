"""The head row of the audit trail, and the triggers that let the trail only grow."""

from django.db import migrations

from procurement.models.audit import TRIGGERS


def make_head(apps, schema_editor):
    apps.get_model("procurement", "AuditHead").objects.get_or_create(pk=1)


def make_triggers(apps, schema_editor):
    for statement in TRIGGERS[schema_editor.connection.vendor][0]:
        schema_editor.execute(statement)


def drop_triggers(apps, schema_editor):
    for statement in TRIGGERS[schema_editor.connection.vendor][1]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("procurement", "0001_initial")]

    operations = [
        migrations.RunPython(make_head, migrations.RunPython.noop),
        migrations.RunPython(make_triggers, drop_triggers),
    ]
