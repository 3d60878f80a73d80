import io
from datetime import date

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import LedgerCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestParkingTable(LedgerCommon):
    """ Zhang Wei rents P-01, 150.00 a month, and Li Na owns P-02; P-03 is vacant. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lot = cls.env['property.building'].create({
            'name': "Lot", 'project_id': cls.project.id, 'is_parking_lot': True})
        cls.p1, cls.p2, cls.p3 = cls.env['property.unit'].create([
            {'name': name, 'building_id': cls.lot.id, 'kind': 'parking', 'building_area': 12}
            for name in ('P-01', 'P-02', 'P-03')])
        cls._move_in(cls.p1, cls.owner, '2026-01-01', '2026-12-31', role='tenant')
        cls._move_in(cls.p2, cls.neighbour, '2024-01-01')
        cls.p1.note = '<p>Charger</p>'
        cls.env['property.vehicle'].create({
            'name': "京A10001", 'unit_id': cls.p1.id, 'brand': "Volvo", 'color': "red"})
        cls.january, cls.february = (
            cls._create_charge(150, cls.parking_fee, cls.p1, date_start=date(2026, month, 1),
                               date_end=date(2026, month, 28))
            for month in (1, 2))
        cls._post(cls.january + cls.february)

    def _get_lines(self, user=None):
        Report = self.env['property.parking.report'].with_user(user or self.clerk)
        Report.invalidate_model()
        return Report.search([('building_id', '=', self.lot.id)])

    def _get_payments(self, user=None):
        return {line.name: (line.date_paid, line.amount_paid, line.recorder_id)
                for line in self._get_lines(user)}

    def test_last_payment_of_each_space(self):
        """[B43] When, how much for this space, and who recorded it; a part of a payment for a room
        as well is no payment for the space, and a credit note is none at all.
        """
        nobody = self.env['res.users']
        unpaid = (False, 0, nobody)
        self.assertEqual(
            self._get_payments(), {'P-01': unpaid, 'P-02': unpaid, 'P-03': unpaid})
        room = self._create_charge(80)
        self._post(room)
        (self.january + room).with_user(self.clerk)._receive_payment(
            self.bank_journal, amounts={self.january.id: 150, room.id: 80}, date=date(2026, 2, 3))
        self.assertEqual(self._get_payments()['P-01'], (date(2026, 2, 3), 150, self.clerk))
        self.february.with_user(self.manager)._receive_payment(
            self.bank_journal, amounts={self.february.id: 60}, date=date(2026, 3, 1))
        self.assertEqual(self._get_payments()['P-01'], (date(2026, 3, 1), 60, self.manager))
        self.february.with_user(self.manager)._credit("Pillar repainted", date(2026, 3, 9))
        self.assertEqual(self._get_payments()['P-01'], (date(2026, 3, 1), 60, self.manager))
        self.assertEqual(self._get_payments()['P-02'], unpaid)

    def test_what_a_former_user_paid_is_not_the_present_ones(self):
        """[B43] """
        self.january.with_user(self.clerk)._receive_payment(
            self.bank_journal, amounts={self.january.id: 150}, date=date(2026, 2, 3))
        use = self.p1.occupancy_ids
        use._move_out(date(2026, 2, 28), self._decide(use))
        self.assertFalse(self._get_payments()['P-01'][0], "vacant")
        self._move_in(self.p1, self.neighbour, '2026-03-01', role='tenant')
        self.assertFalse(self._get_payments()['P-01'][0])

    def _decide(self, use):
        wizard = self.env['property.move.out'].create({
            'unit_id': use.unit_id.id, 'occupancy_id': use.id, 'date': date(2026, 2, 28)})
        return wizard.matter_ids

    def test_who_may_not_see_money_sees_no_payment(self):
        """[B43] """
        self.january.with_user(self.clerk)._receive_payment(
            self.bank_journal, amounts={self.january.id: 150})
        guard = new_test_user(
            self.env, 'guard', 'property_base.group_property_user', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)])
        self.project.user_ids |= guard
        lines = self._get_lines(guard)
        self.assertEqual(len(lines), 3)
        self.assertEqual(set(lines.mapped('amount_paid')), {0})

    def test_table_in_excel_and_on_paper(self):
        """[B43] [G18] Space, user, vehicle, payment, recorder and remarks, with the sums of the
        project: two of three spaces in use, 66.67 %.
        """
        self.january.with_user(self.clerk)._receive_payment(
            self.bank_journal, amounts={self.january.id: 150}, date=date(2026, 2, 3))
        wizard = self.env['property.report.print'].with_user(self.clerk).create({
            'report_id': self.env.ref('property_billing.property_report_parking').id,
            'project_ids': [Command.set(self.project.ids)]})
        content, _kind = self.env['ir.actions.report'].with_user(self.clerk)._render_xlsx(
            'property_base.report_table_action_xlsx', wizard.ids, {})
        sums, detail = load_workbook(io.BytesIO(content)).worksheets
        table = wizard._get_table()
        self.assertEqual(
            [(label, [round(value, 2) for value in values]) for _level, label, values
             in table['rows']],
            [(label, [3, 2, 1, 66.67]) for label in ('Total', "Emerald Garden", 'Lot')])
        self.assertEqual(sums['A5'].value, 'Total')
        rows = [[cell.value for cell in row] for row in detail.iter_rows(min_row=5)]
        clerk = self.clerk.name
        self.assertEqual(rows, [
            ['Lot', 'P-01', 'In use', 'Zhang Wei', 'Zhang Wei', 'Volvo', '京A10001', 'red',
             rows[0][8], 150, clerk, 'Charger'],
            ['Lot', 'P-02', 'In use', 'Li Na', 'Li Na', *[''] * 4, 0, '', ''],
            ['Lot', 'P-03', 'Vacant', *[''] * 6, 0, '', '']])
        self.assertEqual(rows[0][8].date(), date(2026, 2, 3))
        html = self.env['ir.actions.report'].with_user(self.clerk)._render_qweb_html(
            'property_base.report_table_wide', wizard.ids)[0].decode()
        for text in ('P-01', '京A10001', 'Charger', '2026-02-03', '150.00', clerk):
            self.assertIn(text, html)

    def test_space_that_was_charged_stays(self):
        """[D11] A vacant space can be deleted; one that was charged, or has a fee, cannot. """
        spaces = self.p3 + self.env['property.unit'].create([
            {'name': name, 'building_id': self.lot.id, 'kind': 'parking'}
            for name in ('P-04', 'P-05')])
        self._post(self._create_charge(10, self.parking_fee, spaces[0]))
        self._assign(spaces[1], self._create_tariff(self.parking_fee), '2026-01-01')
        register = new_test_user(
            self.env, 'register', 'property_base.group_property_manager',
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        for space, obstacle in ((spaces[0], "1 charges"), (spaces[1], "1 fees assigned")):
            with self.assertRaisesRegex(UserError, obstacle):
                space.with_user(register).unlink()
        spaces[2].with_user(register).unlink()
        self.assertFalse(spaces[2].exists())

    def test_as_many_queries_for_forty_spaces_as_for_three(self):
        """[B43] """
        def count():
            lines = self._get_lines()
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            lines.mapped('amount_paid')
            return self.cr.sql_log_count - start

        count()
        few = count()
        more = self.env['property.unit'].create([
            {'name': f'Q-{number:02d}', 'building_id': self.lot.id, 'kind': 'parking'}
            for number in range(37)])
        for space in more:
            self._move_in(space, self.neighbour, '2025-01-01')
        self.assertEqual(count(), few)
