"""What was ordered, and everything that was done for it: rows are only ever added, so that doing twice is seen."""

from django.db import models


class Order(models.Model):
    """Units to be counted off by one job."""

    slot = models.CharField(max_length=120, unique=True)
    units = models.PositiveIntegerField()
    pause_ms = models.PositiveIntegerField()
    within_ms = models.PositiveIntegerField()

    class Meta:
        app_label = "ground"
        db_table = "torture_order"


class Effect(models.Model):
    """One unit was done, under this token, by this process."""

    order = models.ForeignKey(Order, models.PROTECT)
    unit = models.PositiveIntegerField()
    token = models.BigIntegerField()
    pid = models.PositiveIntegerField()

    class Meta:
        app_label = "ground"
        db_table = "torture_effect"


class Ending(models.Model):
    """An order was finished, under this token."""

    order = models.ForeignKey(Order, models.PROTECT)
    token = models.BigIntegerField()

    class Meta:
        app_label = "ground"
        db_table = "torture_ending"


class Tick(models.Model):
    """A tick was run."""

    at = models.DateTimeField()

    class Meta:
        app_label = "ground"
        db_table = "torture_tick"
