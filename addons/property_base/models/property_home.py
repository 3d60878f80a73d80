from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class PropertyHome(models.AbstractModel):
    """ The front page of staff (首页): cards that the domains add, within the user's projects. """
    _name = 'property.home'
    _description = 'Front page'

    @api.model
    @api.readonly
    def get_home(self, project_ids=None):
        """ The cards of the front page, in the order in which the user arranged them.

        :param list project_ids: only of these of the user's projects; default all
        :return: `projects`: the user's; `project_ids`: those chosen; `cards`: see `_get_cards`;
            `layout`: see `set_layout`
        :raises AccessError: the user is no colleague
        """
        self._check_staff()
        projects = self.env['property.project'].search_fetch([], ['name'])
        # sudo: of himself.
        layout = self.env.user.sudo().res_users_settings_id.property_home_layout or {}
        if project_ids is None:
            project_ids = layout.get('project_ids', [])
        chosen = projects.filtered(lambda project: project.id in set(project_ids))
        cards = sorted(
            self._get_cards(chosen or projects), key=lambda card: card['sequence'])
        places = {key: place for place, key in enumerate(layout.get('order', ()))}
        return {
            'projects': [{'id': project.id, 'name': project.name} for project in projects],
            'project_ids': chosen.ids,
            # A card that came with an add-on since the user arranged his page stands at the end.
            'cards': sorted(cards, key=lambda card: places.get(card['key'], len(places))),
            'hidden': layout.get('hidden', []),
        }

    @api.model
    def set_layout(self, order, hidden, project_ids):
        """ How the user wants his front page.

        :param list[str] order: keys of the cards, first to last
        :param list[str] hidden: keys of the cards that he does not want to see
        :param list[int] project_ids: the projects whose figures he wants; empty for all of his
        """
        self._check_staff()
        settings = self.env['res.users.settings']._find_or_create_for_user(self.env.user)
        settings.property_home_layout = {
            'order': [str(key) for key in order],
            'hidden': [str(key) for key in hidden],
            'project_ids': [int(project_id) for project_id in project_ids],
        }

    @api.model
    def _check_staff(self):
        if not self.env.user._is_internal():
            raise AccessError(self.env._("The front page is for staff."))

    # === CARDS === #

    @api.model
    def _get_cards(self, projects):
        """ The cards; other add-ons add theirs, each only for who may see its records.

        Every card has `key`, `sequence`, `type` and `title`; by its type further:

        - `list`: `items` of `_prepare_item`, or of single records with `res_model`, `res_id` and a
          `note`; and `empty`, the sentence if there is none
        - `pie`: `slices`, items with their `rate` in percent, `total`, and `empty`
        - `rates`: `rows`, items with `rate` in percent, `received` and `receivable`, the last of
          them the total; `currency_id`, and `empty`
        - `figure`: `item`, and `currency_id` where it is an amount

        :param property.project projects: those of the user whose figures he wants
        :rtype: list[dict]
        """
        cards = [{
            'key': 'reminders', 'sequence': 10, 'type': 'list',
            'title': self.env._("Reminders"),
            'items': [item for item in self._get_reminders(projects) if item['count']],
            'empty': self.env._("Nothing is waiting for you."),
        }]
        if tasks := self.env['property.approval.task']._get_tasks():
            cards.append(self._get_task_card(tasks))
        if self.env['property.unit'].has_access('read'):
            cards.append(self._get_occupancy_card(projects))
        return cards

    @api.model
    def _get_task_card(self, tasks):
        """ How many decisions wait for the user, then each of the oldest (A69). """
        return {
            'key': 'tasks', 'sequence': 5, 'type': 'list',
            'title': self.env._("Waiting for my decision"),
            'items': [
                self._prepare_item(
                    'all', self.env._("All"), 'property_base.property_approval_task_action',
                    Domain.TRUE, icon='fa-pencil-square-o', count=len(tasks)),
                *({
                    'key': f'{task["model"]}-{task["res_id"]}', 'label': task['name'],
                    'note': task['level'] or task['kind'], 'icon': 'fa-angle-right',
                    'res_model': task['model'], 'res_id': task['res_id'],
                } for task in tasks[:5]),
            ],
        }

    @api.model
    def _get_reminders(self, projects):
        """ What waits to be done, as items (see `_prepare_item`); other add-ons add theirs.

        :param property.project projects: those of the user whose figures he wants
        :rtype: list[dict]
        """
        Occupancy = self.env['property.occupancy']
        if not Occupancy.has_access('read'):
            return []
        inside = self._get_project_domain(projects)
        reminders = [self._prepare_item(
            'awaiting', self.env._("Waiting for check-in"),
            'property_base.property_occupancy_action_awaiting', inside, icon='fa-key')]
        if self.env.user.has_group('property_base.group_resident_approve'):
            reminders.append(self._prepare_item(
                'pending', self.env._("Residents to approve"),
                'property_base.property_occupancy_action_pending', inside, icon='fa-user-plus'))
            reminders.append(self._prepare_item(
                'home_request', self.env._("Home requests to answer"),
                'property_base.property_home_request_action',
                inside & Domain('state', '=', 'pending'), icon='fa-home'))
        # Who has moved out already, though his last day is still to come, needs no reminder.
        reminders.append(self._prepare_item(
            'tenancies', self.env._("Tenancies that end within 30 days"),
            'property_base.property_occupancy_action', inside & self._get_ending_domain(),
            icon='fa-calendar-times-o'))
        # Of parking uses each has its own days, and goes on until the space is given back (A71;
        # X1, formula 12).
        reminders.append(self._prepare_item(
            'parking', self.env._("Parking uses that end or have ended"),
            'property_base.property_parking_report_action_due', inside, icon='fa-car'))
        reminders.append(self._prepare_item(
            'documents', self.env._("Documents to renew within 60 days"),
            'property_base.property_document_action',
            inside & Domain('date_expiry', '<=', 'today +60d'), icon='fa-file-text-o'))
        reminders.append(self._prepare_item(
            'lot_inspection', self.env._("Annual inspections of parking lots"),
            'property_base.property_lot_action',
            inside & Domain('date_inspection_reminder', '<=', 'today'), icon='fa-wrench'))
        return reminders

    @api.model
    def _get_occupancy_card(self, projects):
        """ Leased, sold and vacant rooms of all rooms (X1, formulas 1 to 3; decision 8). """
        inside = self._get_project_domain(projects)
        counts = dict(
            self.env['property.room.report']._read_group(inside, ['state'], ['__count']))
        total = sum(counts.values())
        labels = {
            'leased': self.env._("Leased"),
            'sold': self.env._("Owned"),
            'vacant': self.env._("Vacant"),
        }
        slices = [
            self._prepare_item(
                state, label, 'property_base.property_room_report_action_list',
                inside & Domain('state', '=', state), count=counts.get(state, 0))
            for state, label in labels.items()
        ]
        return {
            'key': 'occupancy', 'sequence': 20, 'type': 'pie',
            'title': self.env._("Let, owned and vacant"),
            'empty': self.env._("No room in the register yet."),
            'total': total,
            'slices': [
                {**part, 'rate': part['count'] / total * 100 if total else 0.0} for part in slices],
        }

    # === GETTERS === #

    @api.model
    def _get_ending_domain(self):
        """ Tenancies that end soon and that nothing else recalls. """
        return Domain([
            ('role', '=', 'tenant'), ('state', '=', 'approved'),
            ('end_handover_id', '=', False), ('unit_id.kind', '!=', 'parking'),
            ('date_end', '>=', 'today'), ('date_end', '<=', 'today +30d')])

    @api.model
    def _get_project_domain(self, projects, field='project_id'):
        return Domain(field, 'in', projects.ids)

    @api.model
    def _prepare_item(
        self, key, label, action, domain, icon=False, amount=None, count=None, view=False,
    ):
        """ A line or figure that opens the records which it counts.

        :param str action: xml id of the window action whose records these are
        :param Domain domain: which of them
        :param str amount: a monetary field, to show its sum as well
        :param int count: how many they are, where that is known already
        :param str view: which view of the action opens, if not its first
        :rtype: dict
        """
        item = {
            'key': key, 'label': label, 'icon': icon, 'action': action, 'domain': list(domain),
            'count': count, 'view': view,
        }
        if count is None:
            window_sudo = self.env.ref(action).sudo()  # what an action shows is no secret
            [figures] = self.env[window_sudo.res_model]._read_group(
                window_sudo._get_own_domain() & domain, [],
                ['__count', *([f'{amount}:sum'] if amount else [])])
            item['count'] = figures[0]
            if amount:
                item.update(amount=figures[1], currency_id=self.env.company.currency_id.id)
        return item
