from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('betting', '0008_installation'),
    ]

    operations = [
        migrations.AddField(
            model_name='installation',
            name='words',
            field=models.CharField(db_default='', default='', editable=False, max_length=65, verbose_name='words for the bank'),
        ),
    ]
