from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestDictionary(PropertyCommon):

    def test_each_dictionary_has_words_in_both_languages(self):
        """[A15] Property types, layouts, orientations, structures, uses, ownership. """
        self.env['res.lang']._activate_lang('zh_CN')
        Item = self.env['property.dictionary.item']
        found = {
            dictionary: Item.search([('dictionary', '=', dictionary)], limit=1)
            for dictionary, _label in Item._fields['dictionary'].selection}
        self.assertTrue(all(found.values()), found)
        villa = self.env.ref('property_base.dictionary_item_property_type_villa')
        self.assertEqual(villa.with_context(lang='en_US').name, "Villa")

    def test_word_in_use_is_archived_and_not_deleted(self):
        """[A15] A room never loses its layout because somebody tidied up. """
        word = self.env['property.dictionary.item'].with_user(self.manager).create(
            {'dictionary': 'layout', 'name': "Loft"})
        self.flat.layout_id = word
        with self.assertRaisesRegex(UserError, 'Archive it'):
            word.unlink()
        word.action_archive()
        self.assertEqual(self.flat.layout_id, word)
        self.assertNotIn(word, self.env['property.dictionary.item'].search([]))

    def test_only_a_manager_keeps_the_words(self):
        """[A13] [A15] """
        for user in (self.officer, self.clerk):
            with self.assertRaises(AccessError):
                self.env['property.dictionary.item'].with_user(user).create(
                    {'dictionary': 'layout', 'name': "Loft"})
