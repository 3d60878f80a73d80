from odoo import models
from odoo.tools import SQL


class PropertyDoctor(models.AbstractModel):
    """ Invariant 8: what a meter counted is continuous, never negative, and billed once.

    What is stored with the readings is counted again from the values, over exchanges and dials that
    went over zero; and what is billed names the readings that it is of.
    """
    _inherit = 'property.doctor'

    def _get_checks(self):
        return [
            *super()._get_checks(), *self._check_chains(), *self._check_billed_use(),
            *self._check_sales()]

    def _check_chains(self):
        [[stored, counted, broken]] = self.env.execute_query(SQL("""
            SELECT COALESCE(SUM(quantity), 0), COALESCE(SUM(used), 0),
                   COUNT(*) FILTER (WHERE quantity IS DISTINCT FROM used OR used < 0
                                       OR days IS DISTINCT FROM passed OR is_broken)
              FROM (
                SELECT quantity, days,
                       CASE WHEN kind IN ('first', 'installed') THEN 0
                            ELSE (value + rollovers * 10::numeric ^ digits - LAG(value) OVER chain)
                                 * multiplier END AS used,
                       CASE WHEN kind IN ('first', 'installed') THEN 0
                            ELSE date - LAG(date) OVER chain END AS passed,
                       CASE kind WHEN 'first' THEN LAG(id) OVER chain IS NOT NULL
                                 WHEN 'installed' THEN LAG(kind) OVER chain != 'removed'
                                                    OR LAG(date) OVER chain != date
                                 ELSE LAG(id) OVER chain IS NULL
                                   OR LAG(kind) OVER chain = 'removed' END AS is_broken
                  FROM property_meter_reading
                 WHERE state = 'accepted'
                WINDOW chain AS (PARTITION BY meter_id, register ORDER BY date, sequence, id)
              ) AS steps
        """))
        return [
            (self.env._("Meters: what is stored with their readings, counted from the values"),
             stored, counted),
            (self.env._("Readings that do not follow on the one before, none"), broken, 0),
        ]

    def _check_billed_use(self):
        """ What is charged or divided, by the readings that it names.

        A reading that was replaced still tells what was billed by it, and from it, until that is
        corrected.
        What begins or ends between two readings is divided by days, and so not compared in full.
        """
        [[charged, counted, different, foreign, twice]] = self.env.execute_query(SQL("""
            WITH billed AS (
                SELECT DISTINCT ON (assignment_id, meter->>'start', meter->>'end')
                       id, FALSE AS is_shared, meter_id, meter, is_corrected
                  FROM (SELECT charge.id, charge.assignment_id, assignment.meter_id,
                               charge.is_corrected, charge.explanation->'meter' AS meter
                          FROM property_fee_assignment assignment
                          JOIN property_charge charge ON charge.assignment_id = assignment.id
                         WHERE assignment.meter_id IS NOT NULL AND charge.kind = 'recurring'
                           AND (charge.state = 'posted'
                                OR charge.state = 'reversed' AND charge.is_corrected)) charges
              ORDER BY assignment_id, meter->>'start', meter->>'end', is_corrected DESC NULLS LAST,
                       id
            ), costs AS (
                SELECT id, TRUE, meter_id, explanation->'meter', FALSE
                  FROM property_shared_cost
                 WHERE meter_id IS NOT NULL AND state = 'confirmed'
            ), chain AS (
                SELECT id, LAG(value) OVER (PARTITION BY meter_id, register
                                            ORDER BY date, sequence, id) AS previous
                  FROM property_meter_reading
                 WHERE state = 'accepted'
            ), steps AS (
                SELECT billed.*, step.*, reading.id AS reading_id, reading.quantity,
                       chain.previous IS NOT DISTINCT FROM step.previous AS is_current,
                       reading.id IS NULL OR reading.meter_id != billed.meter_id
                           OR reading.register != step.register
                           OR reading.value != step.present OR reading.date != step."end"
                           OR reading.multiplier != COALESCE(step.multiplier, 1)
                           OR reading.state NOT IN ('accepted', 'replaced') AS is_foreign
                  FROM (SELECT * FROM billed UNION ALL SELECT * FROM costs) billed
            CROSS JOIN LATERAL jsonb_to_recordset(billed.meter->'steps') AS step (
                       reading int, register text, start date, "end" date, previous numeric,
                       present numeric, multiplier numeric)
             LEFT JOIN property_meter_reading reading ON reading.id = step.reading
             LEFT JOIN chain ON chain.id = step.reading
            ), totals AS (
                SELECT id, is_shared, meter, is_corrected, SUM(quantity) AS quantity,
                       COUNT(*) FILTER (WHERE is_foreign) AS foreign_count,
                       BOOL_AND(is_current) AS is_current,
                       MIN(start) >= (meter->>'start')::date AND MAX("end") <= (meter->>'end')::date
                           AND NOT meter ? 'less' AS is_whole
                  FROM steps
              GROUP BY id, is_shared, meter, is_corrected
            ), compared AS (
                SELECT *, CASE WHEN is_whole AND is_current AND is_corrected IS NOT TRUE
                               THEN (meter->>'use')::numeric END AS use
                  FROM totals
            )
            SELECT COALESCE(SUM(use), 0), COALESCE(SUM(quantity) FILTER (WHERE use IS NOT NULL), 0),
                   COUNT(*) FILTER (WHERE use != quantity),
                   COALESCE(SUM(foreign_count), 0),
                   (SELECT COUNT(*)
                      FROM (SELECT reading_id
                              FROM steps
                              JOIN compared USING (id, is_shared)
                             WHERE compared.is_whole AND NOT is_shared
                          GROUP BY reading_id HAVING COUNT(*) > 1) AS again)
              FROM compared
        """))
        return [
            (self.env._("Meters: use that is billed, counted by the readings it is of"),
             charged, counted),
            (self.env._("Bills of another use than their readings tell, none"), different, 0),
            (self.env._("Bills by readings that are not, or not like that, none"), foreign, 0),
            (self.env._("Readings up to which the same use is billed twice, none"), twice, 0),
        ]

    def _check_sales(self):
        """ Units that were sold, by what was billed and paid for them; a sale that was cancelled is
        credited in full.
        """
        [[sold, billed, different]] = self.env.execute_query(SQL("""
            SELECT COALESCE(SUM(sale.amount), 0), COALESCE(SUM(bill.amount), 0),
                   COUNT(*) FILTER (WHERE sale.amount IS DISTINCT FROM bill.amount
                                       OR sale.amount IS DISTINCT FROM payment.amount
                                       OR sale.units IS DISTINCT FROM
                                          (charge.explanation->'sale'->>'units')::numeric
                                       OR sale.write_state = 'cancelled' AND bill.rest != 0)
              FROM property_meter_event sale
              JOIN property_charge charge ON charge.id = sale.charge_id
              JOIN account_payment payment ON payment.id = sale.payment_id
         LEFT JOIN LATERAL (
                SELECT SUM(line.balance) FILTER (WHERE move.move_type = 'out_invoice') AS amount,
                       SUM(line.balance) AS rest
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                 WHERE line.property_charge_id = charge.id AND line.parent_state = 'posted'
                   AND line.display_type = 'payment_term'
                   AND move.move_type IN ('out_invoice', 'out_refund')
              ) AS bill ON TRUE
             WHERE sale.kind = 'top_up'
        """))
        return [
            (self.env._("Units sold by prepaid meters: received, billed"), sold, billed),
            (self.env._("Sales of units that differ from their charge or payment, none"),
             different, 0),
        ]
