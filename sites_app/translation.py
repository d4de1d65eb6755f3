from modeltranslation.translator import TranslationOptions, register

from sites_app.models.branches import Site


@register(Site)
class SiteTranslation(TranslationOptions):
    fields = ["name"]
