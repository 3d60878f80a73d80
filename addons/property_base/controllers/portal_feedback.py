from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.http import request, route

from .portal import PropertyPortal


class PropertyFeedback(PropertyPortal):
    _feedback_list_url = '/my/feedback'
    _feedback_new_url = '/my/feedback/new'
    _feedback_url = '/my/feedback/<int:feedback_id>'

    def _prepare_property_home_tiles(self, units):
        return super()._prepare_property_home_tiles(units) + [{
            'sequence': 95,
            'title': request.env._("Feedback"),
            'text': request.env._("Problems and suggestions"),
            'icon': 'fa-comments-o',
            'url': self._feedback_list_url,
        }]

    def _prepare_property_steps(self, limit):
        feedback = request.env['property.feedback'].search(
            self._get_own_feedback_domain(), limit=limit)
        return super()._prepare_property_steps(limit) + [
            self._prepare_feedback_steps(record) for record in feedback]

    @route(_feedback_list_url, type='http', auth='user', website=True, readonly=True)
    def property_feedback_list(self, **kw):
        Feedback = request.env['property.feedback']
        return request.render('property_base.portal_feedback_list', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_feedback',
            'title': request.env._("Feedback"),
            'left_today': Feedback._get_left_today(request.env.user),
            'submissions': [
                self._prepare_feedback_steps(record)
                for record in Feedback.search(
                    self._get_own_feedback_domain(), limit=self._submissions_per_page)],
        })

    @route(_feedback_new_url, type='http', auth='user', methods=['GET', 'POST'], website=True)
    def property_feedback_new(
        self, kind='problem', description='', proposal='', project_id='', **form,
    ):
        Feedback = request.env['property.feedback']
        projects = self._get_own_occupancies_sudo().project_id.sudo(False)
        error = None
        if request.httprequest.method == 'POST':
            project = projects.filtered(lambda project: str(project.id) == project_id)
            if len(projects) == 1:
                project = projects
            try:
                feedback = Feedback._submit(
                    kind, description, proposal,
                    [(file.filename, file.read())
                     for file in request.httprequest.files.getlist('picture') if file.filename],
                    project, Feedback._read_progress_choice(form))
            except ValidationError as exception:
                error = exception.args[0]
            else:
                return request.redirect(f'{self._feedback_list_url}/{feedback.id}?sent=1')
        return request.render('property_base.portal_feedback_new', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_feedback',
            'title': request.env._("Feedback"),
            'kind': kind if kind in Feedback._get_kinds_of_residents() else 'problem',
            'kinds': Feedback._get_kinds_of_residents(),
            'left_today': Feedback._get_left_today(request.env.user),
            'projects': projects,
            'project_id': project_id,
            # sudo: how he is reached, by categories that only staff may see.
            'progress_choice': Feedback.sudo()._prepare_progress_choice(
                request.env.user.partner_id),
            'description': description,
            'proposal': proposal,
            'error': error,
        })

    @route(_feedback_url, type='http', auth='user', methods=['GET', 'POST'], website=True)
    def property_feedback(self, feedback_id, sent=None, **kw):
        feedback = request.env['property.feedback'].search(
            Domain('id', '=', feedback_id) & self._get_own_feedback_domain())
        if not feedback:
            return request.redirect(self._feedback_list_url)
        if request.httprequest.method == 'POST':
            feedback.action_read()
            return request.redirect(f'{self._feedback_list_url}/{feedback.id}')
        return request.render('property_base.portal_feedback', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_feedback',
            'title': request.env._("Feedback"),
            'feedback': feedback,
            'submission': self._prepare_feedback_steps(feedback),
            'is_sent': bool(sent),
        })

    def _get_own_feedback_domain(self):
        # Staff who live here see more than their own by their rights.
        return Domain('user_id', '=', request.env.uid) & Domain('kind', '!=', 'staff')

    def _prepare_feedback_steps(self, feedback):
        return {
            'icon': 'fa-comments-o',
            'kind': dict(
                feedback._fields['kind']._description_selection(request.env))[feedback.kind],
            'title': feedback.description.splitlines()[0],
            'url': f'{self._feedback_list_url}/{feedback.id}',
            'date': feedback.create_date,
            'is_open': feedback.state != 'read',
            'steps': feedback._get_steps(),
        }
