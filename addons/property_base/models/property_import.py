import base64
import io
import logging
from collections import Counter

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, split_every

from ..tools import workbook
from ..tools.layouts import HC_SHEETS, PEOPLE_SHEETS, TEMPLATE_SHEETS

_logger = logging.getLogger(__name__)

# Up to this size, about 1,000 rows, the user waits for the answer; above, a job gives it.
FOREGROUND_BYTES = 64 * 1024
# So many cells of one warning are named.
MAX_CELLS = 20
IDLE_STATES = ('draft', 'checked', 'done', 'failed')
# What a check was about.
INPUTS = {'file', 'project_id', 'project_name', 'company_id', 'occupied_since'}


class PropertyImport(models.Model):
    """ One workbook on its way into the register: checked first, then imported as a whole.

    What the sheets hold, and how it is matched with what exists, is in
    `property_import_load.py`.
    """
    _name = 'property.import'
    _description = 'Workbook import'
    _inherit = ['property.scope.mixin']
    _order = 'id desc'
    _rec_name = 'file_name'
    _check_company_auto = True

    file = fields.Binary(string="Workbook", attachment=True)
    file_name = fields.Char()
    project_id = fields.Many2one(
        'property.project', string="Project", index='btree_not_null', ondelete='cascade',
        check_company=True,
        help="Leave it empty and type a name to create a new project.",
    )
    project_name = fields.Char(string="New project")
    company_id = fields.Many2one(
        'res.company', string="Company", required=True, index=True,
        compute='_compute_company_id', store=True, readonly=False, precompute=True,
    )
    occupied_since = fields.Date(
        string="Residents since", required=True, default=fields.Date.context_today,
        help="The first day of residents for whom the workbook gives no day, "
             "and no fee that starts earlier.",
    )
    accept_warnings = fields.Boolean(
        string="Accept the warnings",
        help="Import in spite of the warnings. Each says what is left out, such as an owner who "
             "is in no list of residents: his rooms are left without owner.",
    )
    state = fields.Selection(
        [('draft', "Draft"), ('checking', "Checking"), ('checked', "Checked"),
         ('importing', "Importing"), ('done', "Imported"), ('failed', "Failed")],
        required=True, default='draft', readonly=True, copy=False,
    )
    is_running = fields.Boolean(compute='_compute_is_running')
    progress = fields.Integer(compute='_compute_progress')
    issue_ids = fields.One2many('property.import.issue', 'import_id', string="Issues")
    error_count = fields.Integer(string="Errors", readonly=True, copy=False)
    warning_count = fields.Integer(string="Warnings", readonly=True, copy=False)
    counts = fields.Json(
        readonly=True, copy=False,
        help="Per object the number of records that are new, changed and unchanged.",
    )
    summary = fields.Html(compute='_compute_summary')
    failure = fields.Text(string="What happened", readonly=True, copy=False)
    is_importable = fields.Boolean(compute='_compute_is_importable')

    # === COMPUTE METHODS === #

    @api.depends('project_id')
    def _compute_company_id(self):
        for record in self:
            record.company_id = (
                record.project_id.company_id or record.company_id or self.env.company)

    @api.depends('state')
    def _compute_is_running(self):
        for record in self:
            record.is_running = record.state not in IDLE_STATES

    def _compute_progress(self):
        rows = self.env['property.import.progress'].sudo().search_fetch(
            [('import_id', 'in', self.ids)], ['import_id', 'percent'])
        percents = {row.import_id.id: row.percent for row in rows}
        for record in self:
            record.progress = percents.get(record.id, 0)

    @api.depends('state', 'error_count', 'warning_count', 'accept_warnings')
    def _compute_is_importable(self):
        for record in self:
            record.is_importable = (
                record.state == 'checked' and not record.error_count
                and (record.accept_warnings or not record.warning_count))

    @api.depends('counts')
    @api.depends_context('lang')
    def _compute_summary(self):
        labels = self._get_object_labels()
        for record in self:
            counts = record.counts or {}
            record.summary = self.env['ir.qweb']._render('property_base.import_summary', {
                'lines': [
                    (label, counts[name]) for name, label in labels.items()
                    if any(counts.get(name, {}).values())],
            }) if counts else False

    @api.onchange(*INPUTS)
    def _onchange_inputs(self):
        """ As `write` will do it. """
        if not self.is_running:
            self.state = 'draft'

    # === CRUD METHODS === #

    def write(self, vals):
        """ What was checked no longer holds: the new workbook shows first what it would do. """
        result = super().write(vals)
        if vals.keys() & INPUTS:
            self.filtered(lambda record: not record.is_running).state = 'draft'
        return result

    # === ACTION METHODS === #

    def action_check(self):
        self._launch('checking', '_job_check')

    def action_import(self):
        self.ensure_one()
        if not self.is_importable:
            raise UserError(self.env._(
                "Check the workbook first. It can be imported when it has no errors and its "
                "warnings are accepted."))
        self._launch('importing', '_job_import')

    def action_open_issues(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_base.property_import_issue_action')
        return {**action, 'domain': [('import_id', '=', self.id)]}

    def action_download_template(self):
        self.ensure_one()
        if self.project_id:
            self._number_residents(self.project_id)
        return {
            'type': 'ir.actions.act_url',
            'url': f'/property/import/template?project_id={self.project_id.id or ""}',
            'target': 'download',
        }

    def action_open_units(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'property.unit',
            'view_mode': 'list,form',
            'domain': [('project_id', '=', self.project_id.id)],
            'name': self.env._("Units"),
        }

    # === BUSINESS METHODS === #

    def _launch(self, state, method):
        """ Check or import: at once a small file, in the background a large one. """
        self.ensure_one()
        self.check_access('write')
        if self.is_running:
            raise UserError(self.env._("This import is running already."))
        self._check_target()
        self.write({'state': state, 'failure': False})
        progress = self.env['property.import.progress'].sudo()  # nobody writes it himself
        progress.search([('import_id', '=', self.id)]).unlink()
        progress.create({'import_id': self.id})
        attachment = self.env['ir.attachment'].sudo().search_fetch([
            ('res_model', '=', self._name), ('res_id', '=', self.id), ('res_field', '=', 'file'),
        ], ['file_size'], limit=1)  # sudo: the attachments of fields are hidden from searches
        if attachment.file_size <= FOREGROUND_BYTES:
            getattr(self, method)()
        else:
            # max_retries 0: only what the database asks to repeat is repeated.
            getattr(self.with_delay(
                identity_key=f'{self._name}/{self.id}', max_retries=0,
                description=self.env._("Import of %(file)s", file=self.file_name or ''),
            ), method)(background=True)

    def _check_target(self):
        if not self.with_context(bin_size=True).file:
            raise UserError(self.env._("Upload the workbook first."))
        if not self.project_id and not (self.project_name or '').strip():
            raise UserError(self.env._(
                "Choose the project of this workbook, or type the name of a new one."))

    def _get_project(self):
        """ The project to import into; empty if it is still to be created. """
        self.ensure_one()
        if self.project_id:
            self.project_id.check_access('read')
            return self.project_id
        name = self.project_name.strip()
        # sudo: the name is taken also by a project that the user may not see.
        project = self.env['property.project'].sudo().with_context(active_test=False).search(
            [('company_id', '=', self.company_id.id), ('name', '=', name)]).sudo(False)
        if not project.has_access('read'):
            raise AccessError(self.env._(
                "Project %(project)s exists already, and you may not see it. Ask a manager to "
                "add you to it, or type another name.", project=name))
        if not project and not self.env['property.project'].has_access('create'):
            raise AccessError(self.env._(
                "Only a manager may create a project. Choose one that exists."))
        return project

    def _job_check(self, background=False):
        """ The dry run: everything that is wrong, and what would change. """
        self._run(background, '_do_check')

    def _job_import(self, background=False):
        """ All or nothing: what fails half-way leaves no trace but its message. """
        self._run(background, '_do_import')

    def _run(self, background, method):
        self = self.with_company(self.company_id).with_context(lang=self.env.user.lang)
        report = self._get_progress_reporter() if background else lambda fraction: None
        try:
            with self.env.cr.savepoint():
                getattr(self, method)(report)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise  # the caller repeats the whole
        except psycopg2.IntegrityError as error:
            self._set_failed(self._get_integrity_message(error))
        except (UserError, ValidationError) as error:  # an AccessError is a UserError
            self._set_failed(str(error))
        except Exception:
            _logger.exception("Import %s failed", self.id)
            self._set_failed(self.env._(
                "An unexpected error stopped it; nothing was stored. The administrator finds "
                "the details in the server log under import %(number)s.", number=self.id))

    def _do_check(self, report):
        book = self._read_book(lambda fraction: report(fraction * 0.7))
        load = self._load(book, self._get_project(), lambda fraction: report(0.7 + fraction * 0.3))
        self._store_issues(book)
        self.write({'state': 'checked', 'counts': load.counts})

    def _do_import(self, report):
        book = self._read_book(lambda fraction: report(fraction * 0.2))
        project = self._get_project()
        load = self._load(book, project, lambda fraction: report(0.2 + fraction * 0.1))
        self._store_issues(book)
        if self.error_count or self.warning_count and not self.accept_warnings:
            self.write({'state': 'failed', 'counts': load.counts, 'failure': self.env._(
                "Nothing was imported: the register or the workbook changed since the check. "
                "See the list of issues.")})
            return
        if not project:
            project = self.env['property.project'].create({
                'name': self.project_name.strip(), 'company_id': self.company_id.id})
            self.project_id = project
        load = self._load(
            book, project, lambda fraction: report(0.3 + fraction * 0.7), dry_run=False)
        self.write({'state': 'done', 'counts': load.counts})

    def _set_failed(self, message):
        self.write({'state': 'failed', 'failure': message})

    def _get_integrity_message(self, error):
        """ What `odoo.service.model.retrying` would say. """
        model = next(
            (self.env[name] for name, model_class in self.env.registry.items()
             if model_class._table == error.diag.table_name), self)
        return model._sql_error_to_message(error)

    def _read_book(self, report):
        content = base64.b64decode(self.with_context(bin_size=False).file or b'')
        self.invalidate_recordset(['file'])  # megabytes that nobody needs again
        return workbook.read_workbook(io.BytesIO(content), self._get_sheets(), report)

    @api.model
    def _get_sheets(self):
        """ The sheets that can be read; add-ons add theirs, and columns to these. """
        return (*TEMPLATE_SHEETS, *HC_SHEETS, *PEOPLE_SHEETS)

    def _get_progress_reporter(self):
        """ A function that shows a fraction to whoever watches, outside the transaction. """
        last = None

        def report(fraction):
            nonlocal last
            percent = int(100 * fraction)
            if percent != last:
                last = percent
                with self.env.registry.cursor() as cr:
                    cr.execute(SQL(
                        "UPDATE property_import_progress SET percent = %s WHERE import_id = %s",
                        percent, self.id))

        return report

    # === ISSUES === #

    def _store_issues(self, book):
        self.issue_ids.unlink()
        texts = self._get_issue_texts()
        vals_list = [{
            'import_id': self.id,
            'severity': issue.severity,
            'sequence': sequence,
            'sheet': issue.sheet or False,
            'row': issue.row,
            'column': issue.column or False,
            'cell': f'{issue.sheet}!{issue.cell}' if issue.cell else False,
            'message': texts[issue.code] % self._format_issue_values(issue)
                + self._format_other_cells(others),
        } for sequence, (issue, *others) in enumerate(self._group_issues(book.sorted_issues))]
        if book.left_out:
            vals_list.append({
                'import_id': self.id, 'severity': 'error', 'sequence': len(vals_list),
                'message': self.env._(
                    "%(number)s more issues are not listed. Mend these first.",
                    number=book.left_out),
            })
        if book.notes_left_out:
            vals_list.append({
                'import_id': self.id, 'severity': 'info', 'sequence': len(vals_list),
                'message': self.env._(
                    "%(number)s more notes are not listed.", number=book.notes_left_out),
            })
        for batch in split_every(1000, vals_list):
            self.env['property.import.issue'].create(list(batch))
        severities = Counter(issue.severity for issue in book.issues)
        self.write({
            'error_count': severities['error'] + bool(book.left_out),
            'warning_count': severities['warning'],
        })

    @api.model
    def _group_issues(self, issues):
        """ Lists of issues that one line tells: a warning that a column earns over and over is
        one. Each error is a line of its own, since each has to be mended, and each note, since it
        says what changed in its row.
        """
        groups = {}
        for index, issue in enumerate(issues):
            key = index if issue.severity != 'warning' else (
                issue.code, issue.sheet, issue.column, str(issue.values))
            groups.setdefault(key, []).append(issue)
        return groups.values()

    @api.model
    def _format_other_cells(self, issues):
        """ Where else the same is wrong. """
        if not issues:
            return ''
        cells = self.env._(", ").join(issue.cell for issue in issues[:MAX_CELLS])
        if len(issues) > MAX_CELLS:
            return self.env._(
                " The same in %(cells)s and %(number)s more cells.",
                cells=cells, number=len(issues) - MAX_CELLS)
        return self.env._(" The same in %(cells)s.", cells=cells)

    def _format_issue_values(self, issue):
        separator = self.env._(", ")
        return {
            'column': issue.column,
            **{name: separator.join(map(str, value)) if isinstance(value, list) else value
               for name, value in issue.values.items()},
        }

    @api.model
    def _get_issue_texts(self):
        """ What each code of an issue says; add-ons add theirs. """
        _ = self.env._
        return {
            'empty_file': _("The file is empty."),
            'not_a_workbook': _("The file is not an Excel workbook (.xlsx)."),
            'old_or_encrypted': _(
                "This is an old workbook (.xls) or one with a password. Save it in Excel as "
                ".xlsx without a password."),
            'too_big': _("The workbook is too big. Split it, or remove pictures and formats."),
            'damaged': _("The workbook is damaged: %(detail)s"),
            'no_known_sheet': _("No sheet of this workbook is known. Known are: %(titles)s."),
            'no_rows': _("The workbook has headings, but no rows."),
            'unknown_sheet': _("This sheet is not known and is not read."),
            'no_header': _("No heading was found. Expected are: %(headings)s."),
            'unknown_column': _("Column “%(column)s” is not known and is not read."),
            'column_twice': _("Column “%(column)s” is here twice, see %(other)s."),
            'missing_column': _("A column is missing. Its heading may be: %(headings)s."),
            'too_many_rows': _("The sheet has more than %(limit)s rows. Split it."),
            'duplicate': _("%(key)s stands here twice: row %(first)s has it already."),
            'missing_value': _("“%(column)s” is empty."),
            'formula_without_value': _(
                "“%(column)s” is a formula without a result. Open the workbook in Excel and save "
                "it, or type the value."),
            'formula_error': _("“%(column)s” is a formula error: %(value)s."),
            'digits_lost': _(
                "“%(column)s” was typed as a number, of which Excel keeps 15 digits: %(value)s. "
                "Format the column as text and type it again."),
            'not_a_number': _("“%(column)s” is not a number: %(value)s."),
            'not_an_integer': _("“%(column)s” is not a whole number: %(value)s."),
            'too_large': _("“%(column)s” is too large: %(value)s."),
            'negative': _("“%(column)s” cannot be negative: %(value)s."),
            'too_small': _("“%(column)s” is too small: %(value)s."),
            'not_a_date': _("“%(column)s” is not a date such as 2020-01-31: %(value)s."),
            'no_such_date': _("“%(column)s” is a day that does not exist: %(value)s."),
            'not_a_choice': _("“%(column)s” is %(value)s, but may be: %(choices)s."),
            'not_a_path': _(
                "“%(column)s” is not building-entrance-room such as 1-1-1011: %(value)s."),
            'changes': _("“%(label)s” changes from %(old)s to %(new)s."),
            'people_count': _(
                "“%(column)s” has %(values)s values for %(people)s people. Write one for each, in "
                "the order of their names, or none."),
            'identity_check': _(
                "This identity number cannot be right: its last digit does not fit the others, or "
                "there is no such date of birth. Compare it with the card."),
            'unsold_with_owner': _(
                "The room is not sold, but names %(name)s. He comes in as its owner."),
            'sold_without_owner': _(
                "Unit %(unit)s is sold, but names nobody. It is left without owner."),
            'rent_left_out': _(
                "Unit %(unit)s has a rent. It is left out: a rent belongs to a lease."),
            'core_locked': _(
                "This changes only with the owner's word. Propose the change at his occupancy, and "
                "leave the cell as it is in the register."),
            'other_project': _(
                "This row is of project %(name)s. Import it there: no room moves to another "
                "project."),
            'contract_elsewhere': _(
                "Contract %(contract)s is of a room in another project, and no room moves to "
                "another project."),
            'contract_of_other_unit': _(
                "Contract %(contract)s is of unit %(unit)s. Correct the room in the row, or the "
                "contract number of that unit."),
            'contract_for_two': _(
                "Contract %(contract)s is of two rooms in this workbook, see row %(other)s."),
            'two_contracts': _(
                "This room has contract %(contract)s in row %(other)s already."),
            'contract_without_unit': _(
                "Contract %(contract)s is new, so its row needs building and room."),
            'not_yes_or_no': _("“%(column)s” is neither yes nor no: %(value)s."),
            'unknown_building': _(
                "Building %(number)s is neither in this workbook nor in the project."),
            'unknown_lot': _(
                "Parking lot %(number)s is neither in this workbook nor in the project."),
            'unknown_entrance': _(
                "Building %(building)s has no entrance %(number)s, neither in this workbook nor "
                "in the project."),
            'unknown_unit': _(
                "Unit %(number)s is neither in this workbook nor in the project."),
            'no_place': _("Neither a building nor a parking lot is given."),
            'unknown_resident': _(
                "Resident %(number)s is neither in this workbook nor in the project."),
            'owner_left_out': _(
                "Unit %(unit)s names owner %(number)s, who is neither in this workbook nor in the "
                "project. It is left without owner."),
            'name_taken': _("The name %(name)s is taken already: number %(other)s has it."),
            'ends_before_start': _("It ends on %(end)s, before it starts on %(start)s."),
            'share_range': _("An owner's share is more than 0 and at most 100 %%."),
            'occupied_already': _(
                "Resident %(number)s has this role in unit %(unit)s from %(start)s already. "
                "End that occupancy first."),
            'shares_exceed': _(
                "Unit %(unit)s: the owners' shares on %(day)s add up to %(total)s %%, so an owner "
                "is in it already. Enter a change of owner as a transfer."),
        }

    @api.model
    def _get_object_labels(self):
        """ What the objects of `_get_loaders` are called; add-ons add theirs. """
        _ = self.env._
        return {
            'building': _("Buildings"),
            'entrance': _("Entrances"),
            'lot': _("Parking lots"),
            'unit': _("Units"),
            'parking': _("Parking spaces"),
            'resident': _("Residents"),
            'identity': _("Identity records"),
            'occupancy': _("Occupancies"),
            'vehicle': _("Vehicles"),
            'pet': _("Pets"),
        }
