"""`{% module "js/activities/form.js" %}`: a page's modules, fetched at once with all they import."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from humanicite.lib.scripts import with_imports

register = template.Library()


@register.simple_tag
def module(*names: str) -> SafeString:
    """Without the preloads a phone would learn of each import only from the file that names it."""
    needed = [name for name in with_imports(*names) if name not in names]
    return format_html(
        "{}{}",
        format_html_join(
            "", '<link rel="modulepreload" href="{}">', ((static(name),) for name in needed)
        ),
        format_html_join(
            "", '<script type="module" src="{}"></script>', ((static(name),) for name in names)
        ),
    )
