from odoo import models


class PropertyCompanyMixin(models.AbstractModel):
    """ Checks the companies of many records together: a run creates thousands with the same few
    accounts, taxes and journals.
    """
    _name = 'property.company.mixin'
    _description = 'Companies checked together'

    def _check_company(self, fnames=None):
        """ Override: the same as record by record, which only tells where something is wrong. """
        if fnames is None or 'company_id' in fnames:
            fnames = self._fields
        names = [
            name for name in fnames
            if self._fields[name].relational and self._fields[name].check_company]
        if any(self._fields[name].company_dependent for name in names):
            return super()._check_company(fnames)
        for company, records_sudo in self.sudo().grouped('company_id').items():  # as Odoo's own
            for name in names:
                values = records_sudo[name]
                if (domain := values._check_company_domain(company)) and (
                        len(values.filtered_domain(domain)) < len(values)):
                    return super()._check_company(fnames)
        return None
