def migrate(cr, version):
    # Nothing of what is there has passed a level. As a default of the column it costs nothing;
    # Odoo would read and write every occupancy.
    cr.execute("""
        ALTER TABLE property_occupancy
          ADD COLUMN IF NOT EXISTS validation_status varchar DEFAULT 'no'
    """)
    cr.execute("ALTER TABLE property_occupancy ALTER COLUMN validation_status DROP DEFAULT")
