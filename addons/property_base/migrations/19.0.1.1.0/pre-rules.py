def migrate(cr, version):
    # Until 19.0.1.1.0 an update left the record rules as they were. They follow the code now.
    cr.execute("""
        UPDATE ir_model_data SET noupdate = FALSE
         WHERE module = 'property_base' AND model = 'ir.rule'
    """)
