from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import get_lang

# How much of 2026-01-31 says the day, the month, the year.
DATE_PARTS = {'day': 10, 'month': 7, 'year': 4}
NUMBERS = ('integer', 'float', 'monetary')
# What a workbook of one request holds in memory, and what a printer is asked for.
DETAIL_LIMIT = 100_000


class PropertyTable(models.AbstractModel):
    """ Records, grouped and summed, as a table, with the records themselves behind it. """
    _name = 'property.table'
    _description = 'Table of records'

    def _read(
        self, Model, domain, groups, measures, columns=None, labels=None, order=None,
        limit=DETAIL_LIMIT,
    ):
        """ Read a table by the rights of the user.

        :param list groups: names of fields, outer first; of a date with its part: date:month
        :param list measures: names of number fields; __count for how many
        :param columns: (field name, label) of the detail; without it there is none
        :param dict labels: of measures, where not those of the fields
        :param str order: of the detail within its groups, where not that of the model
        :param int limit: how many records the detail may have
        :return: `columns`, labels; `formats`, of each column but the first `integer`, `percent` or
            `amount`; `rows`, (level, label, values) with those of an outer level before the inner
            ones, and the sum of all, of level 0, first; `detail`, see `_read_detail`
        :rtype: dict
        """
        described = Model.fields_get({name for name in measures if name != '__count'})
        aggregates = [
            name if name == '__count' else f"{name}:{described[name].get('aggregator') or 'sum'}"
            for name in measures]
        levels = Model.formatted_read_grouping_sets(
            domain, [groups[:depth] for depth in range(len(groups) + 1)], aggregates)
        lines = [
            ((), levels[0][0]),
            *self._sort_lines(levels[1:], groups)]
        detail = columns and self._read_detail(
            Model, domain, groups, columns, [path for path, _line in lines], order, limit)
        return {
            'columns': [
                self._get_headings(Model, groups),
                *(self.env._("Count") if name == '__count'
                  else (labels or {}).get(name) or described[name]['string']
                  for name in measures)],
            'formats': [
                'integer' if name == '__count' else self._get_format(described[name])
                for name in measures],
            'rows': [
                (len(path),
                 self._get_label(Model, groups[len(path) - 1], path[-1]) if path
                 else self.env._("Total"),
                 [line[name] or 0 for name in aggregates])
                for path, line in lines],
            # Which measures the detail adds up to, and in which of its columns.
            'summed': [
                -1 if name == '__count'
                else next((number for number, (column, _label) in enumerate(columns or [])
                           if column == name), None) if aggregate.endswith(':sum')
                else None
                for name, aggregate in zip(measures, aggregates, strict=True)],
            'detail': detail,
        }

    def _get_format(self, described):
        if described['type'] == 'integer':
            return 'integer'
        return 'percent' if '%' in described['string'] else 'amount'

    def _get_headings(self, Model, groups):
        labels = Model.fields_get({group.partition(':')[0] for group in groups})
        return ' / '.join(labels[group.partition(':')[0]]['string'] for group in groups)

    def _get_label(self, Model, group, value):
        name, _separator, part = group.partition(':')
        if value and part in DATE_PARTS:
            return value[0][:DATE_PARTS[part]]
        if isinstance(value, (list, tuple)):
            return value[1]
        if Model._fields[name].type == 'selection':
            value = dict(Model._fields[name]._description_selection(self.env)).get(value, value)
        elif Model._fields[name].type == 'boolean':
            return self.env._("Yes") if value else self.env._("No")
        return value or self.env._("None")

    def _sort_lines(self, levels, groups):
        """ Each line of a level, as (path, line), with those of the next level that are its. """
        children = {}
        for depth, lines in enumerate(levels, 1):
            for line in lines:
                path = tuple(line[group] for group in groups[:depth])
                children.setdefault(path[:-1], []).append((path, line))

        def walk(path):
            for child, line in children.get(path, ()):
                yield child, line
                yield from walk(child)

        return walk(())

    # === DETAIL === #

    def _read_detail(self, Model, domain, groups, columns, paths, order, limit):
        """ The records in the order of the groups, so that those of each are one block.

        :return: `columns`, labels; `formats`; `rows`, the values of each record; `blocks`, per
            line of the table (first, last) of its records, counted from 0, or None
        :rtype: dict
        """
        records = Model.search(domain, order=order or None, limit=limit + 1)
        if len(records) > limit:
            raise UserError(self.env._(
                "These are more than %(limit)s records. Choose fewer: a shorter period, one "
                "project, or another filter.", limit=limit))
        described = Model.fields_get([name for name, _label in columns])
        records.fetch(described)
        leaves = {}
        for record in records:
            key = tuple(self._get_group_key(record, group) for group in groups)
            leaves.setdefault(key, []).append(record)
        blocks, in_order = [], []
        for path in paths:
            key = tuple(self._get_path_key(value) for value in path)
            if len(path) == len(groups):
                blocks.append((len(in_order), len(in_order) + len(leaves.get(key, ())) - 1))
                in_order += leaves.pop(key, ())
            else:
                blocks.append((len(in_order), None))
        if leaves:
            raise UserError(self.env._(
                "The detail cannot be told by %(groups)s. Group by something else.",
                groups=self._get_headings(Model, groups)))
        return {
            'columns': [label or described[name]['string'] for name, label in columns],
            'formats': [
                self._get_format(described[name]) if described[name]['type'] in NUMBERS
                else described[name]['type'] for name, _label in columns],
            'rows': [
                [Model._fields[name].convert_to_export(record[name], record)
                 for name, _label in columns]
                for record in in_order],
            'blocks': self._close_blocks(blocks, paths, len(in_order)),
        }

    def _close_blocks(self, blocks, paths, count):
        """ The block of an outer line goes as far as the next line that is not within it. """
        closed = []
        for number, (first, last) in enumerate(blocks):
            if last is None:
                depth = len(paths[number])
                last = next(
                    (blocks[later][0] for later in range(number + 1, len(paths))
                     if len(paths[later]) <= depth), count) - 1
            closed.append((first, last) if last >= first else None)
        return closed

    def _get_group_key(self, record, group):
        """ What `_get_path_key` gives for the group that the record is in. """
        name, _separator, part = group.partition(':')
        field, value = record._fields[name], record[name]
        if field.relational:
            return value.id
        if value and field.type == 'datetime':
            value = fields.Datetime.context_timestamp(record, value).date()
        if value and field.type in ('date', 'datetime'):
            return fields.Date.to_string(self._start_of(value, part or 'month'))
        return value

    def _start_of(self, day, part):
        """ The first day of the month and so on, of a week as the user's language begins it. """
        if part != 'week':
            return fields.Date.start_of(day, part)
        first = int(get_lang(self.env).week_start) - 1
        return day - timedelta(days=(day.weekday() - first) % 7)

    def _get_path_key(self, value):
        if isinstance(value, (list, tuple)):
            value = value[0][:10] if isinstance(value[0], str) else value[0]
        return value
