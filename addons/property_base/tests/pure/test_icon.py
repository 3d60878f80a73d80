import io

import pytest
from PIL import Image, UnidentifiedImageError

from ...tools.icon import make_icon


def paint(width, height, mode='RGB'):
    file = io.BytesIO()
    Image.new(mode, (width, height), 'green').save(file, 'PNG')
    return file.getvalue()


@pytest.mark.parametrize('picture', [paint(300, 80), paint(20, 20, 'RGBA'), paint(50, 400, 'P')])
def test_a_logo_of_any_shape_becomes_a_square_with_a_white_margin(picture):
    """[A83] """
    icon = Image.open(io.BytesIO(make_icon(picture, 192)))
    assert icon.size == (192, 192)
    assert icon.getpixel((0, 0)) == (255, 255, 255)
    assert icon.getpixel((96, 96)) == (0, 128, 0)


def test_a_drawing_is_refused():
    with pytest.raises(UnidentifiedImageError):
        make_icon(b'<svg xmlns="http://www.w3.org/2000/svg"/>', 192)
