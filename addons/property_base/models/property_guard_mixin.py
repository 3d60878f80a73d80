from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..const import INITIALISING


class PropertyGuardMixin(models.AbstractModel):
    """ What is in use is not deleted: the one table of what stands in the way of what (G26).

    The database would refuse most of it, too, but in words that nobody understands.
    """
    _name = 'property.guard.mixin'
    _description = 'Guard against deletion'

    @api.model
    def _get_deletion_guards(self):
        """ Per model: which records in the way are found how, and what to tell.

        An add-on extends the lists of the models that it refers to. A sentence says what is in the
        way, how many, and what to do. Where the record itself is in the way, a domain instead of
        model and field says when.

        :return: `{model: [(sentence, model in the way, its field) or (sentence, domain)]}`
        :rtype: dict[str, list[tuple]]
        """
        of_units = self.env._(
            "“%(name)s” is used by %(count)s units. Archive it: it is then no longer offered.")
        of_buildings = self.env._(
            "“%(name)s” is used by %(count)s buildings. Archive it: it is then no longer offered.")
        return {
            'property.region': [
                (self.env._(
                    "%(name)s has %(count)s regions below it. Move those to another one first."),
                 'property.region', 'parent_id'),
                (self.env._(
                    "%(name)s has %(count)s projects. Move them to another region first."),
                 'property.project', 'region_id'),
            ],
            'property.project': [
                (self.env._(
                    "%(name)s has %(count)s buildings. Archive the project instead, or delete "
                    "those first."),
                 'property.building', 'project_id'),
                (self.env._(
                    "%(name)s has %(count)s vehicles. Archive the project instead."),
                 'property.vehicle', 'project_id'),
            ],
            'property.building': [
                (self.env._(
                    "%(name)s has %(count)s units. Archive the building instead, or delete those "
                    "first."),
                 'property.unit', 'building_id'),
                (self.env._(
                    "%(name)s has %(count)s entrances. Delete those first."),
                 'property.entrance', 'building_id'),
            ],
            'property.entrance': [
                (self.env._(
                    "%(name)s has %(count)s units. Move them to another entrance first."),
                 'property.unit', 'entrance_id'),
            ],
            'property.unit': [
                (self.env._(
                    "%(name)s has %(count)s occupancies, present or past. Archive the unit "
                    "instead: who lived there stays on record."),
                 'property.occupancy', 'unit_id'),
                (self.env._(
                    "%(name)s has %(count)s hand-over records. Archive the unit instead."),
                 'property.handover', 'unit_id'),
                (self.env._(
                    "%(name)s has %(count)s keys. Move them to another unit or archive this one."),
                 'property.key', 'unit_id'),
                (self.env._(
                    "%(name)s has %(count)s vehicles. Take it off those vehicles first."),
                 'property.vehicle', 'unit_id'),
                (self.env._(
                    "%(name)s has %(count)s pets. Archive the unit instead."),
                 'property.pet', 'unit_id'),
            ],
            'property.dictionary.item': [
                (of_units, 'property.unit', 'layout_id'),
                (of_units, 'property.unit', 'orientation_id'),
                (of_units, 'property.unit', 'ownership_id'),
                (of_units, 'property.unit', 'use_id'),
                (of_units, 'property.unit', 'structure_id'),
                (of_buildings, 'property.building', 'structure_id'),
                (of_buildings, 'property.building', 'use_id'),
                (of_buildings, 'property.building', 'orientation_id'),
            ],
            'property.occupancy': [
                (self.env._(
                    "%(name)s has %(count)s changes of core data. They are its history: archive "
                    "the occupancy instead."),
                 'property.resident.change', 'occupancy_id'),
                (self.env._(
                    "%(name)s has its hand-over record. Move the customer out instead, and "
                    "archive the occupancy once all is settled."),
                 Domain('start_handover_id', '!=', False) | Domain('end_handover_id', '!=', False)),
            ],
            'property.key': [
                (self.env._(
                    "Key %(name)s is handed out. Take it back first, or archive it."),
                 Domain('state', '=', 'out')),
            ],
            'res.partner': [
                (self.env._(
                    "%(name)s has %(count)s occupancies, present or past. Archive the contact "
                    "instead, once he has moved out and settled."),
                 'property.occupancy', 'partner_id'),
                (self.env._(
                    "%(name)s stands in %(count)s hand-over records. Archive the contact instead."),
                 'property.handover', 'partner_id'),
                (self.env._(
                    "%(name)s holds %(count)s keys. Take them back first."),
                 'property.key', 'holder_id'),
            ],
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self._is_initialising():
            return
        for sentence, *where in self._get_deletion_guards().get(self._name, ()):
            for record, count in self._count_in_the_way(*where):
                raise UserError(sentence % {'name': record.display_name, 'count': count})

    def _is_initialising(self):
        """ Whether all that stands in the way goes as well: see `property.initialise`. """
        return self.env.context.get('property_initialising') is INITIALISING

    def _count_in_the_way(self, model, field=None):
        if not field:
            return [(record, 1) for record in self.filtered_domain(model)]
        # sudo: counted in the projects that the user does not see, too, and in the archive. What
        # is deleted in the same go is in nobody's way.
        domain = [(field, 'in', self.ids)]
        if model == self._name:
            domain.append(('id', 'not in', self.ids))
        return self.env[model].sudo().with_context(active_test=False)._read_group(
            domain, [field], ['__count'])
