def migrate(cr, version):
    """ Fill new computed columns at once; Odoo would read and write every record. """
    # Nothing of what is there has passed a level.
    cr.execute("""
        ALTER TABLE property_occupancy
          ADD COLUMN IF NOT EXISTS validation_status varchar DEFAULT 'no'
    """)
    cr.execute("ALTER TABLE property_occupancy ALTER COLUMN validation_status DROP DEFAULT")
    cr.execute("ALTER TABLE res_partner ADD COLUMN IF NOT EXISTS property_is_resident boolean")
    cr.execute("""
        UPDATE res_partner SET property_is_resident = TRUE
         WHERE property_is_resident IS NOT TRUE
           AND id IN (SELECT partner_id FROM property_occupancy)
    """)
