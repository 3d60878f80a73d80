from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.tools import SQL

from ..tools.metering import get_steps
from .common import LedgerCommon

QUARTERS = ('2024-12-31', '2025-03-31', '2025-06-30', '2025-09-30', '2025-12-31')


class MeterCommon(LedgerCommon):
    """ The rooms 1011 and 1012, water at 5.00, and builders for meters and what they show. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.water_tariff = cls._create_tariff(cls.water_fee, [('2015-01-01', False, 5.0)])
        cls.water_type = cls._create_type("Water meter")
        cls.time_of_use_type = cls._create_type(
            "Two-rate meter", unit_name='kWh', registers='day_night', decimals=2)
        cls.reader = cls._create_user('reader', 'property_billing.group_meter_read')
        cls.project.user_ids |= cls.reader
        cls.Reading = cls.env['property.meter.reading']

    @classmethod
    def _create_type(cls, name, **vals):
        return cls.env['property.meter.type'].create({
            'name': name, 'unit_name': 'm³', 'fee_id': cls.water_fee.id,
            'company_id': cls.company.id, **vals})

    @classmethod
    def _create_meter(cls, number, unit=None, first=None, since='2025-12-31', **vals):
        """ A water meter, with its first reading where one is given. """
        meter = cls.env['property.meter'].create({
            'number': number, 'type_id': cls.water_type.id, 'date_start': '2020-01-01',
            **({'unit_id': unit.id} if unit else {'project_id': cls.project.id}), **vals})
        if first is not None:
            cls._read(meter, since, first, kind='first')
        return meter

    @classmethod
    def _row(cls, meter, day, value, register='total', **vals):
        return {
            'meter_id': meter.id, 'register': register,
            'date': date.fromisoformat(day), 'value': value, **vals}

    @classmethod
    def _read(cls, meter, day, value, register='total', **vals):
        """ A reading, which is fine. """
        faults, reading = cls.Reading._enter([cls._row(meter, day, value, register, **vals)])
        assert not faults, faults
        return reading

    @classmethod
    def _create_round(cls, start='2026-03-01', end='2026-03-31', **vals):
        return cls.env['property.meter.round'].create({
            'project_id': cls.project.id, 'type_id': cls.water_type.id, 'date_start': start,
            'date_end': end, **vals})

    def assertChain(self, meter):
        """ What is stored with the readings is what the engine counts, and the database, too. """
        self.env.flush_all()
        for register, readings in meter._get_chain().get(meter.id, {}).items():
            stored = self.Reading.search([
                ('meter_id', '=', meter.id), ('register', '=', register),
                ('state', '=', 'accepted')], order='date, sequence, id')
            self.assertEqual(stored.ids, [reading.reading_id for reading in readings])
            uses = {step.reading.reading_id: step.use for step in get_steps(readings)}
            self.assertEqual(
                stored.mapped('quantity'), [float(uses.get(row.id, 0)) for row in stored])
        self.assertFalse(self.env.execute_query(SQL("""
            SELECT id FROM (
                SELECT id, quantity, CASE WHEN kind IN ('first', 'installed') THEN 0 ELSE
                       (value + rollovers * 10::numeric ^ digits - LAG(value) OVER chain)
                       * multiplier END AS used
                  FROM property_meter_reading
                 WHERE state = 'accepted' AND meter_id = %s
                WINDOW chain AS (
                    PARTITION BY meter_id, register ORDER BY date, sequence, id)) AS steps
             WHERE COALESCE(quantity, 0) IS DISTINCT FROM used OR used < 0
        """, meter.id)))

    @classmethod
    def _bill(cls, meter, day):
        """ As if the charges of the meter went up to that day. """
        day = date.fromisoformat(day)
        meter.invalidate_recordset(['date_billed'])
        return patch.object(
            type(meter), '_get_billed_days',
            lambda meters: {meter: day} if meter in meters else {})

    def _decide(self, reading, decision, user=None, **vals):
        """ The dialog of a decision, as its button opens it. """
        action = getattr(reading.with_user(user or self.clerk), {
            'rollover': 'action_roll_over', 'refuse': 'action_refuse', 'true_up': 'action_true_up',
            'replace': 'action_replace'}[decision])()
        return self.env[action['res_model']].with_user(user or self.clerk).with_context(
            action['context']).create(vals)

    def _enter(self, *rows, user=None):
        """ By the reader of the meters. """
        return self.Reading.with_user(user or self.reader)._enter(list(rows))

    def assertFault(self, rows, field, message, user=None):
        """ One cell is wrong, it is told, and nothing is stored. """
        before = self.Reading.search_count([])
        faults, readings = self._enter(*rows, user=user)
        self.assertFalse(readings)
        self.assertEqual([fault['field'] for fault in faults], [field], faults)
        self.assertRegex(faults[0]['message'], message)
        self.assertEqual(self.Reading.search_count([]), before)


class MeteredCommon(MeterCommon):
    """ A meter of the room 1011, charged by tiers from 2025 on: 5.00, above 180 m³ a year 7.00,
    above 260 m³ 9.00.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tiered = cls.env['property.tariff'].create({
            'name': "Tiers of the year", 'fee_id': cls.water_fee.id, 'basis': 'metered',
            'cycle_months': 3,
            'version_ids': [Command.create({
                'date_start': '2020-01-01', 'price': 5,
                'tier_ids': [Command.create({'above': 180, 'price': 7}),
                             Command.create({'above': 260, 'price': 9})]})]})
        cls.meter = cls._create_meter(
            'W-0101', cls.unit_1011, first='1000', since='2024-12-31')
        cls.assignment = cls._assign(cls.meter)

    @classmethod
    def _assign(cls, meter, start='2025-01-01', **vals):
        return cls.env['property.fee.assignment'].create({
            'unit_id': meter.unit_id.id, 'tariff_id': cls.tiered.id, 'meter_id': meter.id,
            'date_start': start, **vals})

    @classmethod
    def _read(cls, meter, day, value, register='total', **vals):
        """ Override: what looks odd was looked at. """
        reading = super()._read(meter, day, value, register, **vals)
        if reading.state == 'queued':
            reading.action_accept()
        return reading

    def _preview_until(self, end):
        run = self.env['property.bill.run'].create({
            'project_id': self.project.id, 'date_end': end, 'date_invoice': end,
            'fee_ids': [Command.set(self.water_fee.ids)],
        }).with_user(self.clerk).with_context(queue_job__no_delay=True)
        run.action_preview()
        return run

    def _bill_until(self, end):
        run = self._preview_until(end)
        run.action_post()
        return run.charge_ids

    def _get_rows(self, charges):
        return [
            (str(charge.date_start), str(charge.date_end), charge.amount)
            for charge in charges.sorted('date_start')]
