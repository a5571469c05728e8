"""Pictures made anew: what a phone sent is read once, and only its pixels are kept."""

from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image, ImageCms, ImageFile

MOST_BYTES = 10 * 1024 * 1024  # as taken
# The sensors of phones end at 64 million, and a JPEG is decoded at the size that is needed; other
# formats are decoded whole, and a small file may hold hundreds of megabytes of one colour.
MOST_PIXELS = {"JPEG": 70_000_000, "PNG": 20_000_000, "WEBP": 20_000_000}
LONGEST_SIDE = 1600  # pixels of what is kept
SMALL_SIDE = 480  # and of what a page shows
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP")
ACCEPT = "image/jpeg,image/png,image/webp"  # a phone that has another format converts to these

# EXIF 2.32, tag 0x0112: how the camera was held.
ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}  # fmt: skip
# ISO/IEC 23008-12: brands of the first box of a HEIC file.
HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

TOO_HEAVY = "Cette photo dépasse 10 Mo : choisissez-en une plus légère."
TOO_LARGE = (
    "Cette image a trop de pixels (au plus 70 millions en JPEG, 20 millions en PNG ou WebP) : "
    "réduisez-la, ou prenez la photo dans une définition moindre."
)
IS_HEIC = (
    "Cette photo est au format HEIC, qui n’est pas accepté. Sur l’iPhone : Réglages, Appareil "
    "photo, Formats, « Le plus compatible » ; ou enregistrez-la en JPEG."
)
NO_PICTURE = "Ce fichier n’est pas une photo lisible : choisissez une image JPEG, PNG ou WebP."
EMPTY = "Ce fichier est vide : choisissez une photo."


@dataclass(frozen=True)
class Picture:
    """A JPEG without metadata, upright, in sRGB; sides in pixels."""

    content: ContentFile
    width: int
    height: int


def made_anew(upload: Any) -> Picture:
    """What is kept of an uploaded file. Raises ValidationError, in words for who sent it."""
    if upload.size > MOST_BYTES:
        raise ValidationError(TOO_HEAVY, "too_heavy")
    if not upload.size:
        raise ValidationError(EMPTY, "empty")
    upload.seek(0)
    start = upload.read(12)
    if start[4:8] == b"ftyp" and start[8:12] in HEIC:
        raise ValidationError(IS_HEIC, "heic")
    upload.seek(0)
    # A cut file is refused, though drawing a PDF told this process to accept them (WeasyPrint does).
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(upload, formats=FORMATS) as image:
            # The header says how large it is before a pixel is read.
            if image.width * image.height > MOST_PIXELS[image.format or "PNG"]:
                raise ValidationError(TOO_LARGE, "too_large")
            return _encoded(_plain(_shrunk(image, LONGEST_SIDE)))
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValidationError(TOO_LARGE, "too_large") from None
    except Exception as error:
        # Decoders raise whatever they meet on bytes that are no picture.
        raise ValidationError(NO_PICTURE, "no_picture") from error


def made_small(kept: IO[bytes]) -> bytes:
    """A stored picture as a page shows it among others."""
    with Image.open(kept, formats=("JPEG",)) as image:
        return _encoded(_shrunk(image, SMALL_SIDE)).content.read()


def _shrunk(image: Any, side: int) -> Any:
    """Upright and no longer than `side`, which is in pixels; a smaller one stays as it is."""
    orientation, profile = _orientation(image), image.info.get("icc_profile")
    image.draft(None, (side, side))  # a large JPEG is decoded at the size that is needed
    image.load()
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA")  # a palette does not shrink
    elif image.mode.startswith("I") or image.mode == "F":
        # 16 bits of grey: the eight that a JPEG holds.
        image = image.convert("F").point(lambda value: value / 256).convert("L")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    if orientation in UPRIGHT:
        image = image.transpose(UPRIGHT[orientation])
    image.info["icc_profile"] = profile
    return image


def _orientation(image: Any) -> int:
    """As the camera noted it; 1, upright, where its note cannot be read."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:
        return 1


def _plain(image: Any) -> Any:
    """Opaque and in sRGB, whatever the colours were described by."""
    profile = image.info.get("icc_profile")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            return ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a broken profile: the colours are taken as they are
    return image.convert("RGB")


def _encoded(image: Any) -> Picture:
    image.info.clear()  # comments and profiles would be written again
    written = BytesIO()
    image.save(written, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Picture(ContentFile(written.getvalue()), image.width, image.height)
