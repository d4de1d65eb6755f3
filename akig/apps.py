from django.apps import AppConfig


class AkigConfig(AppConfig):
    name = "akig"
