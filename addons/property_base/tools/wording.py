""" Texts with variables: 尊敬的{业主姓名}，… """
import re

_VARIABLE = re.compile(r'\{([^{}]*)\}')
# What fits into one SMS, and into each part of a long one: in letters outside of the basic
# alphabet, and within it.
_PARTS = {False: (70, 67), True: (160, 153)}


class LooseBrace(ValueError):
    """ A brace that opens or closes no variable; its text from there on. """


def find_variables(text):
    """ The names in a text, in their order, each once.

    :raise LooseBrace: if a brace has no partner
    """
    rest = _VARIABLE.sub(lambda match: ' ' * len(match[0]), text or '')
    if loose := re.search(r'[{}]', rest):
        raise LooseBrace(text[loose.start():loose.start() + 20])
    return list(dict.fromkeys(name.strip() for name in _VARIABLE.findall(text or '')))


def fill(text, values):
    """ The text with its variables replaced. What a value contains is not looked at again. """
    return _VARIABLE.sub(lambda match: values[match[1].strip()], text or '')


def count_sms(text, signature=None):
    """ How many short messages a text is charged as, with the signature that operators put before
    it: 【锦东物业】.
    """
    text = f'【{signature}】{text}' if signature else text
    single, part = _PARTS[text.isascii()]
    return 1 if len(text) <= single else -(-len(text) // part)
