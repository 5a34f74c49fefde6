from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('betting', '0007_anchors'),
    ]

    operations = [
        migrations.CreateModel(
            name='Installation',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=32, verbose_name='id')),
            ],
            options={
                'verbose_name': 'installation',
                'verbose_name_plural': 'installations',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_installation')],
            },
        ),
    ]
