import { _t } from "@web/core/l10n/translation";

// Odoo has no Chinese for these words of its web client, which then takes ours.
export const WORDS = [_t("Missing required fields"), _t("My Preferences"), _t("Shortcuts")];
