from datetime import date

from .common import LedgerCommon


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
