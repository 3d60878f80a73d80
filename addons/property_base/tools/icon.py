"""A company's logo as the square that a phone's home screen wants."""

import io

from PIL import Image, ImageOps


def make_icon(picture, size):
    """The picture in the middle of a white square, as PNG.

    :param bytes picture: anything that Pillow opens
    :raises PIL.UnidentifiedImageError: it opens it not
    """
    inner = size - 2 * (size // 12)
    logo = ImageOps.contain(Image.open(io.BytesIO(picture)).convert('RGBA'), (inner, inner))
    icon = Image.new('RGBA', (size, size), 'white')
    icon.alpha_composite(logo, ((size - logo.width) // 2, (size - logo.height) // 2))
    file = io.BytesIO()
    icon.convert('RGB').save(file, 'PNG')
    return file.getvalue()
