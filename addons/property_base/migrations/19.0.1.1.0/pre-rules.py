def migrate(cr, version):
    """ Make the record rules anew: a database keeps those that it has, and the old ones would give
    portal users what an occupancy without approval must not give.
    """
    cr.execute("""
        DELETE FROM ir_rule
              WHERE id IN (SELECT res_id
                             FROM ir_model_data
                            WHERE module = 'property_base' AND model = 'ir.rule')
    """)
    cr.execute("DELETE FROM ir_model_data WHERE module = 'property_base' AND model = 'ir.rule'")
