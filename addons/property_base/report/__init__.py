from . import property_unit_report_mixin  # isort: skip
from . import property_parking_report
from . import property_report_xlsx
from . import property_room_report
