"""The site map of the pages."""

urlpatterns = []
