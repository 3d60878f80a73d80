import base64

from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.property_base.controllers.portal import PropertyPortal

from ..models.property_charge_explanation import plain
from ..models.property_meter_reading import MAX_PHOTO
from .meter import PropertyMeterController

SHOWN_METERS = 40
SHOWN_READINGS = 24
PREVIEW = {'width': 256, 'height': 192}  # of a photo in the list


class PropertyMeterPortal(PropertyPortal, PropertyMeterController):
    """ The meters of a resident's homes: what they showed, and what they show now. """
    _meters_url = '/my/meters'
    _meter_url = '/my/meters/<int:meter_id>'
    _photo_url = '/my/meters/photos/<int:reading_id>'

    @route()
    def meter(self, token):
        """ Override: who lives behind the meter comes to his own page of it. """
        if not request.env.user.has_group('property_billing.group_meter_read'):
            # sudo: residents have no right on meters; theirs are those of their homes.
            meter_sudo = request.env['property.meter'].sudo()._find_label(token)
            if meter_sudo and meter_sudo in self._get_own_meters_sudo():
                return request.redirect(f'{self._meters_url}/{meter_sudo.id}')
            if request.env.user.share:  # whose else it is, or of no meter, is not told
                return request.redirect(f'{self._meters_url}?notice=label')
        return super().meter(token)

    # === HOME === #

    def _prepare_property_home_tiles(self, units):
        """ Override of `property_base`: the meters, and until when they can be read. """
        tiles = super()._prepare_property_home_tiles(units)
        meters_sudo = self._get_own_meters_sudo()
        if not meters_sudo:
            return tiles
        to_read = [
            window['round'].window_end for window in meters_sudo._get_windows().values()
            if not window['readings']]
        return tiles + [{
            'sequence': 15 if to_read else 80,
            'title': request.env._("My meters"),
            'text': request.env._(
                "%(count)s to read, until %(day)s", count=len(to_read),
                day=format(min(to_read), '%m-%d')) if to_read else request.env._(
                "Readings and consumption"),
            'icon': 'fa-tachometer',
            'url': self._meters_url,
        }]

    def _prepare_property_steps(self, limit):
        Reading = request.env['property.meter.reading'].sudo()  # his own, as the domain says
        return super()._prepare_property_steps(limit) + [
            {
                'kind': request.env._("Meter reading"),
                'title': f'{reading.meter_id.display_name}: {plain(repr(reading.value))} '
                         f'{reading.unit_name}',
                'url': f'{self._meters_url}/{reading.meter_id.id}',
                'icon': 'fa-tachometer',
                'date': reading.read_at,
                'is_open': reading.state == 'queued',
                'steps': reading._get_steps(),
            }
            for reading in Reading.search(
                Reading._get_sent_domain(request.env.user), order='id desc', limit=limit)]

    # === METERS === #

    @route(_meters_url, type='http', auth='user', website=True, readonly=True)
    def property_meters(self, show=None, notice=None, **kw):
        """ The meters of the homes in which somebody lives today, those to be read first.

        :param str show: 'all' for more meters than a page has
        :param str notice: 'label' after a code was scanned that is of none of them
        """
        meters_sudo = self._get_own_meters_sudo()
        windows = meters_sudo._get_windows()
        shown_sudo = meters_sudo.sorted(
            lambda meter: meter not in windows or bool(windows[meter]['readings']))
        if show != 'all':
            shown_sudo = shown_sudo[:SHOWN_METERS]
        return request.render('property_billing.portal_meters', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_meters',
            'title': request.env._("My meters"),
            'notice': notice,
            'meters_by_unit': shown_sudo.grouped('unit_id'),
            'windows': windows,
            'left': len(meters_sudo) - len(shown_sudo),
            'plain': lambda value: plain(repr(value)),
        })

    @route(_meter_url, type='http', auth='user', methods=['GET', 'POST'], website=True)
    def property_meter(self, meter_id, sent=None, **form):
        """ One of them: what it showed and what was used; a form in the days to read it. """
        meter_sudo = self._get_own_meters_sudo().filtered(lambda meter: meter.id == meter_id)
        if not meter_sudo:
            return request.redirect(self._meters_url)
        faults, problem, typed = {}, None, {}
        registers = meter_sudo.type_id._get_registers()
        if request.httprequest.method == 'POST':
            typed = {register: form.get(f'value_{register}', '') for register in registers}
            photo = request.httprequest.files.get('photo')
            try:
                # sudo: nobody who lives here may write readings; this meter is his.
                faults = meter_sudo._send_readings(
                    # Of what is too large a byte more, so that it is told.
                    typed, photo and photo.filename and base64.b64encode(
                        photo.read(MAX_PHOTO + 1)))
            except UserError as error:
                problem = error.args[0]
            if not faults and not problem:
                return request.redirect(f'{self._meters_url}/{meter_id}?sent=1', code=303)
        since = min(self._get_own_occupancies_sudo().filtered(
            lambda occupancy: occupancy.unit_id == meter_sudo.unit_id).mapped('date_start'))
        last = meter_sudo._get_last_readings().get(meter_sudo.id, {})
        # sudo: as above; what was read before he moved in is that of others.
        Reading = request.env['property.meter.reading'].sudo()
        months = meter_sudo._get_months(since)
        readings = Reading.search(
            Domain('meter_id', '=', meter_id) & Domain('date', '>=', since)
            & (Domain('state', '=', 'accepted') & (
                Domain('source', '!=', 'device') | Domain('is_border', '=', True))
               | Domain('state', 'in', ('queued', 'refused'))
               & Reading._get_sent_domain(request.env.user)),
            limit=SHOWN_READINGS)
        return request.render('property_billing.portal_meter', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_meters',
            'title': meter_sudo.display_name,
            'meter': meter_sudo,
            'window': meter_sudo._get_windows().get(meter_sudo),
            'registers': [
                (register, name, last.get(register))
                for register, name in Reading._fields['register']._description_selection(
                    request.env) if register in registers],
            'can_be_read': all(register in last for register in registers),
            'faults': faults,
            'problem': problem,
            'typed': typed,
            'is_sent': bool(sent),
            'months': months,
            'most': max((use for _month, use in months), default=0) or 1,
            'readings': readings,
            # That there is one, not the photos themselves.
            'photographed': set(readings.filtered_domain(
                Reading._get_sent_domain(request.env.user)
            ).with_context(bin_size=True).filtered('photo').ids),
            'sales': meter_sudo._get_sales(since, SHOWN_READINGS),
            'plain': lambda value: plain(repr(value)),
        })

    @route(_photo_url, type='http', auth='user', website=True, readonly=True)
    def property_meter_photo(self, reading_id, small=None, **kw):
        """ What somebody has photographed himself, for him to look at again.

        :param str small: anything for a small one
        """
        # sudo: residents have no right on readings; this one he has sent.
        Reading = request.env['property.meter.reading'].sudo()
        reading_sudo = Reading.search(
            Domain('id', '=', reading_id) & Reading._get_sent_domain(request.env.user))
        if not reading_sudo.photo:
            raise NotFound
        return request.env['ir.binary']._get_image_stream_from(
            reading_sudo, 'photo', **(small and PREVIEW or {})).get_response()

    def _get_own_meters_sudo(self):
        """ The meters of the user's homes, in sudo mode; searched once per request. """
        if not hasattr(request, 'property_meters_sudo'):
            # sudo: residents have no right on meters; whose homes these are was asked.
            request.property_meters_sudo = request.env['property.meter'].sudo()._get_of_units(
                self._get_own_occupancies_sudo().unit_id)
        return request.property_meters_sudo
