def migrate(cr, version):
    # The tax of a fee has dates now: the one that it had is its tax since ever.
    cr.execute("""
        INSERT INTO property_fee_tax
               (fee_id, company_id, tax_id, create_uid, create_date, write_uid, write_date)
        SELECT id, company_id, tax_id, create_uid, create_date, write_uid, write_date
          FROM property_fee
         WHERE tax_id IS NOT NULL
    """)
    cr.execute("ALTER TABLE property_fee DROP COLUMN tax_id")
