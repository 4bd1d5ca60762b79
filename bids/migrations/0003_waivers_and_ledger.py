"""Who signed a waiver, so that nobody signs twice; and what came of overruled advice."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bids', '0002_initial'),
        ('procurement', '0002_audit_triggers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LedgerNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('rejected', 'Objection rejected'), ('accepted', 'Objection accepted with conditions'), ('waiver', 'Gate waived'), ('accepted_risk', 'Risk accepted'), ('not_first', 'Award not to first place'), ('register', 'Connection opened against security’s answer')], max_length=20, verbose_name='kind')),
                ('record', models.PositiveBigIntegerField(verbose_name='record')),
                ('text', models.TextField(verbose_name='what came of it')),
                ('by_name', models.CharField(max_length=600, verbose_name='recorded by')),
                ('at', models.DateTimeField(verbose_name='recorded')),
            ],
            options={
                'verbose_name': 'note in the ledger',
                'verbose_name_plural': 'notes in the ledger',
                'ordering': ['pk'],
            },
        ),
        migrations.AddField(
            model_name='waiver',
            name='approver',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='waiver',
            name='proposer',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='waiver',
            name='security_signer',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='waiver',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('proposer', models.F('security_signer')), ('proposer__isnull', False), ('security_signer__isnull', False), _negated=True), models.Q(('approver__isnull', False), ('proposer', models.F('approver')), ('proposer__isnull', False), _negated=True), models.Q(('approver__isnull', False), ('security_signer', models.F('approver')), ('security_signer__isnull', False), _negated=True)), name='waiver_nobody_signs_twice'),
        ),
        migrations.AddConstraint(
            model_name='waiver',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('refused_by', ''), ('refused_reason', '')), models.Q(models.Q(('refused_by', ''), _negated=True), models.Q(('refused_reason', ''), _negated=True)), _connector='OR'), name='waiver_refused_by_name_with_reason'),
        ),
        migrations.AddField(
            model_name='ledgernote',
            name='tender',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='procurement.tender', verbose_name='tender'),
        ),
        migrations.AddIndex(
            model_name='ledgernote',
            index=models.Index(fields=['kind', 'record'], name='note_of_a_ledger_row'),
        ),
        migrations.AddConstraint(
            model_name='ledgernote',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='ledger_note_with_words'),
        ),
    ]
