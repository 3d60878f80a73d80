from . import property_guard_mixin, property_scope_mixin, property_project_mixin  # isort: skip
from . import property_approval_mixin, property_attachment_mixin  # isort: skip
from . import property_attempt_mixin  # isort: skip
from . import property_review_mixin  # isort: skip
from . import property_channel_mixin, property_company_mixin  # isort: skip
from . import property_template_mixin  # isort: skip
from . import property_unit_mixin  # isort: skip
from . import base_partner_merge
from . import change_password_user
from . import ir_actions_act_window
from . import ir_actions_report
from . import ir_http
from . import ir_model_access
from . import ir_rule
from . import property_agreement
from . import property_application
from . import property_approval_task
from . import property_building
from . import property_building_board
from . import property_building_parking
from . import property_dictionary_item
from . import property_doctor
from . import property_document
from . import property_entrance
from . import property_home, property_notification_mixin, property_feedback  # isort: skip
from . import property_guess
from . import property_handover
from . import property_handover_line
from . import property_home_request
from . import property_identity_log
from . import property_import, property_import_load  # isort: skip
from . import property_import_people, property_import_template  # isort: skip
from . import property_import_issue
from . import property_import_progress
from . import property_invitation
from . import property_key
from . import property_lot
from . import property_notification
from . import property_notification_category
from . import property_notification_consent
from . import property_notification_delivery
from . import property_notification_preference
from . import property_notification_template
from . import property_occupancy
from . import property_occupancy_lifecycle
from . import property_occupancy_way_in
from . import property_pet
from . import property_permission
from . import property_phrase
from . import property_place
from . import property_population
from . import property_project
from . import property_region
from . import property_report
from . import property_resident
from . import property_resident_change
from . import property_resident_number
from . import property_resident_password
from . import property_sign_in_failure
from . import property_table
from . import property_unit
from . import property_unit_board
from . import property_unit_lifecycle
from . import property_unit_parking
from . import property_unit_reshape
from . import property_vehicle
from . import property_verification
from . import res_company
from . import res_config_settings, res_config_settings_notification  # isort: skip
from . import res_groups
from . import res_partner
from . import res_partner_lifecycle
from . import res_partner_notification
from . import res_users
from . import res_users_role
from . import res_users_role_line
from . import res_users_second_step
from . import res_users_settings
from . import res_users_sign_in
from . import property_template_variables  # isort: skip
from . import res_users_way_in
from . import sms_sms
from . import tier_definition
from . import tier_review
