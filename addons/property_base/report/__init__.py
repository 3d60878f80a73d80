from . import property_room_report
