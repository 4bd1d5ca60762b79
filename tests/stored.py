"""Rows as they are stored, for tests that look after every step; read again where something was written."""

import re
from functools import cache

from django.db import connection

#: How statements begin that change something, and the table that they change, as Django writes it.
_CHANGES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_TABLE = re.compile(r'[^"]*"([^"]+)"')


@cache
def _columns(model):
    return [field.attname for field in model._meta.concrete_fields]


class Stored:
    """What the database holds, as long as every statement passes `watch` or `changed_by`."""

    def __init__(self):
        self._known = {}

    def watch(self, execute, sql, params, many, context):
        """For `connection.execute_wrapper`."""
        self.changed_by(sql)
        return execute(sql, params, many, context)

    def changed_by(self, sql):
        """The table that a statement changes, of which nothing is known any more; None for one that asks."""
        if not sql.startswith(_CHANGES):
            return None
        table = _TABLE.match(sql)[1]
        self._known = {key: found for key, found in self._known.items() if key[0] != table}
        return table

    def rows(self, model, *order, **which):
        """Rows of a table as new objects, as a request would have them.

        `which` may ask for what never changes in another table: of which tender a bid is.
        """
        columns = _columns(model)
        key = model._meta.db_table, order, *which.items()
        if key not in self._known:
            self._known[key] = list(model.objects.filter(**which).order_by(*order).values_list(*columns))
        return [model.from_db(connection.alias, columns, values) for values in self._known[key]]

    def forget(self):
        """Ask for everything again."""
        self._known = {}
