import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bids', '0005_panel'),
        ('procurement', '0004_absent_since'),
    ]

    operations = [
        migrations.DeleteModel(
            name='Award',
        ),
        migrations.CreateModel(
            name='Award',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(verbose_name='reason')),
                ('benefits', models.TextField(blank=True, verbose_name='what the higher price buys')),
                ('departure_reason', models.TextField(blank=True, verbose_name='reason for departing from first place')),
                ('with_exceptions', models.BooleanField(default=False, verbose_name='follows the ranking with accepted exceptions')),
                ('exceptions', models.JSONField(default=list, verbose_name='accepted exceptions')),
                ('awarded_by', models.CharField(max_length=600, verbose_name='awarded by')),
                ('awarded_at', models.DateTimeField(verbose_name='awarded')),
                ('standstill_until', models.DateTimeField(verbose_name='standstill until')),
                ('case_text', models.TextField(editable=False)),
                ('result_text', models.TextField(editable=False)),
                ('fingerprint', models.CharField(max_length=71, verbose_name='ranking fingerprint')),
                ('other_case_text', models.TextField(blank=True, editable=False)),
                ('suspended_at', models.DateTimeField(blank=True, null=True, verbose_name='suspended')),
                ('suspended_by', models.CharField(blank=True, max_length=600, verbose_name='suspended by')),
                ('bid', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='awards', related_query_name='award', to='bids.bid', verbose_name='bid')),
                ('resolution', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='award', to='bids.resolution', verbose_name='recommendation')),
                ('signer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='awarded by')),
                ('tender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='awards', related_query_name='award', to='procurement.tender', verbose_name='tender')),
            ],
            options={
                'verbose_name': 'award',
                'verbose_name_plural': 'awards',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Complaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('complainant', models.CharField(max_length=600, verbose_name='complainant')),
                ('text', models.TextField(verbose_name='complaint')),
                ('received_at', models.DateTimeField(verbose_name='received')),
                ('entered_by', models.CharField(max_length=600, verbose_name='entered by')),
                ('entered_at', models.DateTimeField(verbose_name='entered')),
                ('late', models.BooleanField(verbose_name='received after the standstill')),
                ('answer', models.CharField(blank=True, choices=[('upheld', 'Uphold: the award is suspended'), ('rejected', 'Reject')], max_length=10, verbose_name='answer')),
                ('answer_reason', models.TextField(blank=True, verbose_name='reason')),
                ('answered_by', models.CharField(blank=True, max_length=600, verbose_name='answered by')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                ('award', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='bids.award', verbose_name='award')),
                ('bid', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='bids.bid', verbose_name='bid')),
            ],
            options={
                'verbose_name': 'complaint',
                'verbose_name_plural': 'complaints',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Recommendation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(max_length=71, verbose_name='ranking fingerprint')),
                ('with_exceptions', models.BooleanField(default=False, verbose_name='follows the ranking with accepted exceptions')),
                ('discussed', models.BooleanField(verbose_name='every item was discussed')),
                ('benefits', models.TextField(blank=True, verbose_name='what the higher price buys')),
                ('resolution', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='recommendation', to='bids.resolution', verbose_name='resolution')),
            ],
            options={
                'verbose_name': 'recommendation',
                'verbose_name_plural': 'recommendations',
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('security', 'IT and security'), ('business', 'Business'), ('final', 'Award')], max_length=10, verbose_name='side')),
                ('approved', models.BooleanField(verbose_name='approved')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('fingerprint', models.CharField(max_length=71, verbose_name='ranking fingerprint')),
                ('signed_by', models.CharField(max_length=600, verbose_name='signed by')),
                ('signed_at', models.DateTimeField(verbose_name='signed')),
                ('resolution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='bids.resolution', verbose_name='recommendation')),
                ('signer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signed by')),
            ],
            options={
                'verbose_name': 'approval',
                'verbose_name_plural': 'approvals',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('resolution', 'side', 'fingerprint'), name='approval_once_a_side_and_ranking'), models.UniqueConstraint(fields=('resolution', 'signer', 'fingerprint'), name='approval_once_a_person_and_ranking'), models.CheckConstraint(condition=models.Q(('approved', True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='approval_refused_with_reason')],
            },
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.UniqueConstraint(condition=models.Q(('suspended_at__isnull', True)), fields=('tender',), name='award_one_stands_a_tender'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('awarded_by', ''), _negated=True), models.Q(('reason', ''), _negated=True)), name='award_with_name_and_reason'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('suspended_at__isnull', True), ('suspended_by', '')), models.Q(('suspended_at__isnull', False), models.Q(('suspended_by', ''), _negated=True)), _connector='OR'), name='award_suspended_by_name'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.UniqueConstraint(fields=('award', 'number'), name='complaint_number_once_an_award'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='complaint_with_words'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answer_reason', ''), ('answered_by', '')), models.Q(models.Q(('answer', ''), _negated=True), models.Q(('answered_by', ''), _negated=True), models.Q(('answer_reason', ''), _negated=True)), _connector='OR'), name='complaint_answered_by_name_with_reason'),
        ),
    ]
