def migrate(cr, version):
    # Bills of one unit know their building; those over several units stay with the project.
    cr.execute("""
        UPDATE account_move AS move SET property_building_id = unit.building_id
          FROM property_unit AS unit
         WHERE unit.id = move.property_unit_id AND move.property_building_id IS NULL
    """)
    cr.execute("""
        UPDATE account_move_line AS line SET property_building_id = move.property_building_id
          FROM account_move AS move
         WHERE move.id = line.move_id AND move.property_building_id IS NOT NULL
           AND line.property_building_id IS NULL
    """)
