def migrate(cr, version):
    # Where public service fees are held in trust and none is income, that is the regime.
    cr.execute("""
        UPDATE property_project
           SET charging_regime = 'commission'
         WHERE id IN (
            SELECT assignment.project_id
              FROM property_fee_assignment assignment
              JOIN property_fee fee ON fee.id = assignment.fee_id
             WHERE fee.category = 'public' AND assignment.active
               AND (assignment.date_end IS NULL OR assignment.date_end >= CURRENT_DATE)
          GROUP BY assignment.project_id
            HAVING BOOL_OR(fee.nature = 'trust') AND NOT BOOL_OR(fee.nature = 'income'))
    """)
