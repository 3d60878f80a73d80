import io
from random import Random

from PIL import Image

from ...tools.captcha import CHARACTERS, HEIGHT, WIDTH, choose, draw


def test_a_picture_of_the_characters():
    """[G01] Another one each time, even of the same characters."""
    text = choose(Random(1))
    assert len(text) == 4
    assert set(text) <= set(CHARACTERS)
    picture = Image.open(io.BytesIO(draw(text, Random(1))))
    assert picture.size == (WIDTH, HEIGHT)
    assert len(picture.getcolors(maxcolors=WIDTH * HEIGHT)) > 4
    assert draw(text, Random(1)) != draw(text, Random(2))
